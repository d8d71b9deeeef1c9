/**
 * A short clip whose motion is known: textured rectangles glide over a textured background while the camera pans.
 * Everything moves by whole pixels, so a frame is the key frame with its layers shifted, and the true flow is exact.
 *
 * Letters  t frames since the key frame, (x, y) image pixels, (u, v) pixels of a layer's own texture
 */
import { image, type Image } from '../../src/data/index.ts';
import { FEATURE_STRIDE } from '../../src/nets/index.ts';
import { tensor, type Tensor } from '../../src/tensor/index.ts';

export const clip = { width: 960, height: 576, frames: 10 } as const;

type Colour = readonly [red: number, green: number, blue: number];

interface Layer {
  /** Left, top, width and height in the key frame. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** Pixels per frame, right and down. */
  readonly motion: readonly [right: number, down: number];
  /** Colours from low to high ground. */
  readonly palette: readonly Colour[];
  /** Pixels between the knots of the texture, and the seed of their values. */
  readonly grain: number;
  readonly seed: number;
}

/** Colours from hexadecimal numbers with spaces between them. */
function parse(list: string): readonly Colour[] {
  return list
    .split(' ')
    .map((hex) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Colour);
}

/** From back to front. The first one fills every frame: its motion is that of the camera, reversed. */
const layers: readonly Layer[] = [
  {
    box: [-2000, -2000, 6000, 6000],
    motion: [-6, 2],
    palette: parse('e9e2d0 d3cab2 b6b9a2 8fa399 6f8b8c'),
    grain: 92,
    seed: 11,
  },
  {
    box: [90, 78, 276, 222],
    motion: [18, 6],
    palette: parse('5e1e32 a8303c e2694a f6b068 fce2aa'),
    grain: 84,
    seed: 23,
  },
  {
    box: [618, 90, 252, 198],
    motion: [-11, 13],
    palette: parse('12284c 1e5484 4292b2 8eccce e0f2e6'),
    grain: 78,
    seed: 37,
  },
  {
    box: [294, 354, 300, 168],
    motion: [3, -12],
    palette: parse('2c224a 5c3e80 9662a0 d496b4 fad8d0'),
    grain: 80,
    seed: 53,
  },
];

/** A number in [0, 1) that belongs to a knot. */
function knot(i: number, j: number, seed: number): number {
  let h = Math.imul(i, 0x27d4eb2d) ^ Math.imul(j, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** Random values at knots, blended smoothly between them. */
function noise(u: number, v: number, grain: number, seed: number): number {
  const [i, j] = [Math.floor(u / grain), Math.floor(v / grain)];
  const ease = (f: number): number => f * f * (3 - 2 * f);
  const [a, b] = [ease(u / grain - i), ease(v / grain - j)];
  const top = knot(i, j, seed) * (1 - a) + knot(i + 1, j, seed) * a;
  const bottom = knot(i, j + 1, seed) * (1 - a) + knot(i + 1, j + 1, seed) * a;
  return top * (1 - b) + bottom * b;
}

/** A landscape seen from above: two octaves of noise, coloured by height, with the palette's colours blended. */
function colourAt({ palette, grain, seed }: Layer, u: number, v: number): Colour {
  const height = 0.72 * noise(u, v, grain, seed) + 0.28 * noise(u, v, grain / 2, seed + 1);
  const level = Math.min(Math.max((height - 0.18) / 0.64, 0), 1) * (palette.length - 1);
  const below = Math.min(Math.floor(level), palette.length - 2);
  return mix(palette[below]!, palette[below + 1]!, level - below);
}

function mix(a: Colour, b: Colour, share: number): Colour {
  const blend = (i: 0 | 1 | 2): number => Math.round(a[i] + (b[i] - a[i]) * share);
  return [blend(0), blend(1), blend(2)];
}

/** The front layer that covers a pixel of frame t. */
function layerAt(x: number, y: number, t: number): Layer {
  return layers.findLast(({ box: [left, top, width, height], motion: [right, down] }) => {
    const [u, v] = [x - right * t - left, y - down * t - top];
    return u >= 0 && u < width && v >= 0 && v < height;
  })!;
}

/** Frame t of the clip. */
export function drawFrame(t: number): Image {
  const out = image(clip.width, clip.height);
  let i = 0; // walks the samples in order
  for (let y = 0; y < clip.height; y++) {
    for (let x = 0; x < clip.width; x++) {
      const layer = layerAt(x, y, t);
      const colour = colourAt(layer, x - layer.motion[0] * t, y - layer.motion[1] * t);
      for (const sample of colour) out.data[i++] = sample;
    }
  }
  return out;
}

/** Cells of the feature map. The centre of cell (x, y) is pixel (16x, 16y): every halving keeps the even positions. */
export const cells: { readonly width: number; readonly height: number } = {
  width: clip.width / FEATURE_STRIDE,
  height: clip.height / FEATURE_STRIDE,
};

/** For every cell of frame t: where to read the key feature, in cells, relative to here. (1, 2, h, w). */
export function trueFlow(t: number): Tensor {
  const count = cells.width * cells.height;
  const data = new Float32Array(2 * count);
  for (let cell = 0; cell < count; cell++) {
    const { motion } = layerOfCell(cell, t);
    data[cell] = (-motion[0] * t) / FEATURE_STRIDE;
    data[count + cell] = (-motion[1] * t) / FEATURE_STRIDE;
  }
  return tensor([1, 2, cells.height, cells.width], data);
}

/** Whether what a cell of frame t shows could be seen in the key frame: inside the image, and not covered. */
export function wasVisible(cell: number, t: number): boolean {
  const layer = layerOfCell(cell, t);
  const [x, y] = centreOf(cell);
  const [keyX, keyY] = [x - layer.motion[0] * t, y - layer.motion[1] * t];
  const inside = keyX >= 0 && keyX < clip.width && keyY >= 0 && keyY < clip.height;
  return inside && layerAt(keyX, keyY, 0) === layer;
}

const centreOf = (cell: number): readonly [x: number, y: number] => [
  (cell % cells.width) * FEATURE_STRIDE,
  Math.floor(cell / cells.width) * FEATURE_STRIDE,
];

function layerOfCell(cell: number, t: number): Layer {
  const [x, y] = centreOf(cell);
  return layerAt(x, y, t);
}
