/** Numbers as pictures: features as heat maps, flow as colours. One pixel per cell; the page enlarges them. */
import { encodePng, image, type Image } from '../../src/data/index.ts';
import type { Tensor } from '../../src/tensor/index.ts';
import { cells } from './scene.ts';

const count = cells.width * cells.height;

/** Anchors of colour scales, evenly spaced, in hexadecimal. */
const scales = {
  /** Dark to light, for features. */
  feature: ['0b1d3a', '1f3f73', '2c6e9b', '3fa0a3', '86c98f', 'd9e57c', 'fdf6b0'],
  /** White to dark red, for errors. */
  error: ['fffaf3', 'fbe3c0', 'f6b878', 'e9804d', 'c94434', '8a1a2b', '4a0a22'],
} as const;

export type Scale = keyof typeof scales;

type Colour = readonly number[];

const parse = (hex: string): Colour => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** The colour of a share from 0 to 1. */
function colourOf(scale: Scale, share: number): Colour {
  const anchors = scales[scale];
  const place = Math.min(Math.max(share, 0), 1) * (anchors.length - 1);
  const below = Math.min(Math.floor(place), anchors.length - 2);
  const [a, b] = [parse(anchors[below]!), parse(anchors[below + 1]!)];
  return a.map((x, i) => Math.round(x + (b[i]! - x) * (place - below)));
}

/** A CSS gradient of a scale, for legends. */
export function gradient(scale: Scale): string {
  return `linear-gradient(to right, ${scales[scale].map((hex) => `#${hex}`).join(', ')})`;
}

function paint(width: number, height: number, colour: (x: number, y: number) => Colour): Image {
  const out = image(width, height);
  let i = 0; // walks the samples in order
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) for (const sample of colour(x, y)) out.data[i++] = sample;
  }
  return out;
}

/** One value per cell as a heat map, from `low` to `high`. */
export function heatMap(
  values: ArrayLike<number>,
  scale: Scale,
  [low, high]: readonly [number, number],
): Image {
  return paint(cells.width, cells.height, (x, y) =>
    colourOf(scale, (values[y * cells.width + x]! - low) / (high - low)),
  );
}

/** Half the size; each pixel the mean of four. */
export function halved({ width, height, data }: Image): Image {
  return paint(width / 2, height / 2, (x, y) =>
    [0, 1, 2].map((c) => {
      const at = (dx: number, dy: number): number => data[((2 * y + dy) * width + 2 * x + dx) * 3 + c]!;
      return (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) >> 2;
    }),
  );
}

/** Hue changes around the wheel in these steps (Baker et al., "A Database and Evaluation Methodology for Optical Flow"). */
const wheelSteps = [15, 6, 4, 11, 13, 6] as const;
const wheelCorners = ['ff0000', 'ffff00', '00ff00', '00ffff', '0000ff', 'ff00ff'] as const;

const wheel: readonly Colour[] = wheelSteps.flatMap((steps, k) => {
  const [from, to] = [parse(wheelCorners[k]!), parse(wheelCorners[(k + 1) % 6]!)];
  return Array.from({ length: steps }, (_, step) => from.map((x, i) => x + ((to[i]! - x) * step) / steps));
});

/** The usual colour of a flow vector: hue says where to, saturation how far; white is no motion, 1 the full colour. */
export function flowColour(right: number, down: number): Colour {
  const radius = Math.min(Math.hypot(right, down), 1);
  const turn = (Math.atan2(-down, -right) / Math.PI + 1) / 2;
  const place = turn * (wheel.length - 1);
  const [a, b] = [wheel[Math.floor(place)]!, wheel[(Math.floor(place) + 1) % wheel.length]!];
  return a.map((x, i) => {
    const pure = x + (b[i]! - x) * (place % 1);
    return Math.round(255 - radius * (255 - pure));
  });
}

/** A flow (1, 2, h, w); `longest` cells have the full colour. */
export function flowPicture({ data }: Tensor, longest: number): Image {
  return paint(cells.width, cells.height, (x, y) => {
    const cell = y * cells.width + x;
    return flowColour(data[cell]! / longest, data[count + cell]! / longest);
  });
}

/** The legend: every direction and length at once, on the colour of the page outside the circle. */
export function wheelPicture(size: number, background: Colour): Image {
  const centre = (size - 1) / 2;
  return paint(size, size, (x, y) => {
    const [right, down] = [(x - centre) / centre, (y - centre) / centre];
    return Math.hypot(right, down) > 1 ? background : flowColour(right, down);
  });
}

/** One number from 0 to 1 per cell, for features that are compared with each other. */
export type View = (feature: Tensor) => Float64Array;

/**
 * Where each cell stands in the direction in which a feature map varies most (its first principal component, by power
 * iteration): the share of the map's own cells that lie below. By rank, small differences show as well as large ones.
 */
export function mostVaried({ data }: Tensor): View {
  const channels = data.length / count;
  const mean = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) mean[Math.floor(i / count)]! += data[i]! / count;
  let direction = new Float64Array(channels).fill(1);
  const project = (values: ArrayLike<number>): Float64Array => {
    const out = new Float64Array(count);
    for (let i = 0; i < values.length; i++) {
      const c = Math.floor(i / count);
      out[i % count]! += direction[c]! * (values[i]! - mean[c]!);
    }
    return out;
  };
  for (let round = 0; round < 30; round++) {
    const along = project(data);
    const next = new Float64Array(channels);
    for (let i = 0; i < data.length; i++) {
      const c = Math.floor(i / count);
      next[c]! += along[i % count]! * (data[i]! - mean[c]!);
    }
    const length = Math.hypot(...next);
    direction = next.map((x) => x / length);
  }
  const sorted = project(data).toSorted();
  return (feature) => project(feature.data).map((value) => sorted.filter((x) => x < value).length / count);
}

/** An image for the `src` of an `img`. */
export async function dataUri(source: Image): Promise<string> {
  return `data:image/png;base64,${Buffer.from(await encodePng(source)).toString('base64')}`;
}
