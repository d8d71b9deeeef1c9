/**
 * From the outputs of the region proposal network to candidate boxes, as `src/ops/proposal-boxes.ts`: kernels that
 * decode, enlarge and score, all of them on maps as the network gives them, so that no tensor grows too wide for a
 * texture.
 *
 * Every step is rounded to float32, as in the reference, so that mode `cpu`, which computes in float64, decides alike.
 * Two comparisons disable candidates. Whether a cell is dead follows from a division, which the processor does. Whether
 * a box is smaller than `minSize` is compared on the device: a box whose side is within rounding of the limit, about
 * 1e-4 pixels, may be decided otherwise in modes webgl2 and webgpu, whose e^x is not that of the processor.
 *
 * NaN      webgl2 and webgpu cut a NaN coordinate to the image's edge, the reference lets it through.
 * Letters  N images, A anchors a cell, H × W map; plane (n·A + a)·4 + k is corner k of anchor a: x1, y1, x2, y2
 */
import type { Argument } from './kernel.ts';
import { plainLayout } from './layout.ts';
import type { Planes, Thread } from './thread.ts';

/** Corrected anchors, cut to the image. */
export function decode(
  this: Thread<'A' | 'stride'>,
  anchors: Planes,
  deltas: Planes,
  images: Planes,
): number {
  const box = Math.floor((this.thread.z + 0.5) / 4);
  const n = Math.floor((box + 0.5) / this.constants.A);
  const a = box - n * this.constants.A;
  const corner = this.thread.z - box * 4;
  const far = Math.floor((corner + 0.5) / 2); // 1 for x2, y2
  const axis = corner - 2 * far;
  const start = (this.thread.x * (1 - axis) + this.thread.y * axis) * this.constants.stride;
  const low = Math.fround(anchors[0]![a]![axis]! + start);
  const high = Math.fround(anchors[0]![a]![axis + 2]! + start);
  const size = Math.fround(Math.fround(high - low) + 1);
  const shift = deltas[box * 4 + axis]![this.thread.y]![this.thread.x]!;
  const growth = deltas[box * 4 + axis + 2]![this.thread.y]![this.thread.x]!;
  const middle = Math.fround(low + Math.fround(0.5 * Math.fround(size - 1)));
  const centre = Math.fround(Math.fround(shift * size) + middle);
  const grown = Math.fround(Math.fround(Math.exp(growth)) * size);
  const half = Math.fround(0.5 * Math.fround(grown - 1));
  return Math.max(Math.min(Math.fround(centre + (2 * far - 1) * half), images[0]![n]![axis]!), 0);
}

/** Boxes with a side below the least size grow by half of it on every side. */
export function enlarge(this: Thread<'A'>, corners: Planes, images: Planes): number {
  const box = Math.floor((this.thread.z + 0.5) / 4);
  const n = Math.floor((box + 0.5) / this.constants.A);
  const side = 2 * Math.floor((this.thread.z - box * 4 + 0.5) / 2) - 1;
  const x1 = corners[box * 4]![this.thread.y]![this.thread.x]!;
  const y1 = corners[box * 4 + 1]![this.thread.y]![this.thread.x]!;
  const x2 = corners[box * 4 + 2]![this.thread.y]![this.thread.x]!;
  const y2 = corners[box * 4 + 3]![this.thread.y]![this.thread.x]!;
  const corner = corners[this.thread.z]![this.thread.y]![this.thread.x]!;
  const least = images[0]![n]![2]!;
  if (Math.fround(Math.fround(x2 - x1) + 1) < least || Math.fround(Math.fround(y2 - y1) + 1) < least) {
    return Math.fround(corner + side * images[0]![n]![3]!);
  }
  return corner;
}

/** The probability of an object, or −1 where the cell is dead or the box was smaller than allowed. */
export function objectness(
  this: Thread<'A'>,
  probabilities: Planes,
  corners: Planes,
  images: Planes,
): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.A);
  const x1 = corners[this.thread.z * 4]![this.thread.y]![this.thread.x]!;
  const y1 = corners[this.thread.z * 4 + 1]![this.thread.y]![this.thread.x]!;
  const x2 = corners[this.thread.z * 4 + 2]![this.thread.y]![this.thread.x]!;
  const y2 = corners[this.thread.z * 4 + 3]![this.thread.y]![this.thread.x]!;
  const least = images[0]![n]![2]!;
  if (this.thread.y >= images[0]![n]![4]! || this.thread.x >= images[0]![n]![5]!) return -1;
  if (Math.fround(Math.fround(x2 - x1) + 1) < least || Math.fround(Math.fround(y2 - y1) + 1) < least) {
    return -1;
  }
  return probabilities[this.thread.z + (n + 1) * this.constants.A]![this.thread.y]![this.thread.x]!;
}

/**
 * What the kernels must know of each image, from im_info: last column, last row, least side of a box and half of it,
 * rows and columns of cells that are alive.
 */
export function imageTable(index: number, stride: number, minSize: number): Argument {
  const { fround } = Math;
  return {
    from: 'host',
    inputs: [index],
    make([info]) {
      const N = info!.shape[0]!;
      const rows = Array.from({ length: N }, (_, n) => {
        const [height, width, scale] = [0, 1, 2].map((k) => fround(info!.data[3 * n + k]!)) as [
          number,
          number,
          number,
        ];
        const least = fround(minSize * scale);
        // NaN: an image of unknown size has no live cells
        const cells = [height, width].map((size) => Math.trunc(fround(size / stride)) || 0);
        return [fround(width - 1), fround(height - 1), least, fround(least / 2), ...cells];
      });
      return { layout: plainLayout([N, 6]), data: Float32Array.from(rows.flat()) };
    },
  };
}
