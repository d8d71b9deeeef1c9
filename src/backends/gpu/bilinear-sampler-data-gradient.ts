/**
 * bilinearSamplerDataGradient on the device.
 *
 * The sampler's adjoint scatters: each sample is handed back to four pixels. A kernel can only gather, and to look at all
 * samples for each pixel would cost P·Q times as much. So the processor, which has to read the grid for it, sorts the
 * samples by the pixels that they were read from, and each pixel adds up its own, some four of them.
 *
 * Letters  N images, C channels, H × W pixels, P × Q grid
 */
import { type BilinearSamplerDataGradientAttributes, NEIGHBOURS, sampleSites } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { GpuOperator, Upload } from './kernel.ts';
import { plainLayout } from './layout.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/**
 * Samples by pixel, four rows: for each pixel of each image where its samples start and how many there are; then for each
 * of them its number, in row-major order, and its weight.
 */
export function samplesByPixel(grid: Tensor, H: number, W: number): Upload {
  const [N = 0, , P = 0, Q = 0] = grid.shape;
  const columns = Math.max(N * H * W, N * P * Q * NEIGHBOURS);
  const data = new Float32Array(4 * columns);
  const [starts, counts, samples, weights] = [0, 1, 2, 3].map((row) =>
    data.subarray(row * columns, (row + 1) * columns),
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const images = Array.from({ length: N }, (_, n) => sampleSites(grid, n, H, W));
  images.forEach(({ offsets }, n) => {
    for (const offset of offsets) if (offset >= 0) counts[n * H * W + offset]!++;
  });
  for (let pixel = 1; pixel < N * H * W; pixel++) starts[pixel] = starts[pixel - 1]! + counts[pixel - 1]!;
  const next = starts.slice();
  images.forEach((sites, n) => {
    sites.offsets.forEach((offset, k) => {
      if (offset < 0) return;
      const place = next[n * H * W + offset]!++;
      samples[place] = Math.floor(k / NEIGHBOURS);
      weights[place] = sites.weights[k]!;
    });
  });
  return { layout: plainLayout([4, columns]), data };
}

/** The obvious kernel: the samples that were read from a pixel, times their weights. */
function bilinearSamplerDataGradient(
  this: Thread<'C' | 'H' | 'W' | 'Q' | 'most'>,
  head: Planes,
  byPixel: Planes,
): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.C);
  const pixel = (n * this.constants.H + this.thread.y) * this.constants.W + this.thread.x;
  const start = byPixel[0]![0]![pixel]!;
  const count = byPixel[0]![1]![pixel]!;
  let sum = 0;
  for (let k = 0; k < this.constants.most; k++) {
    if (k >= count) break;
    const sample = byPixel[0]![2]![start + k]!;
    const p = Math.floor((sample + 0.5) / this.constants.Q);
    const q = sample - p * this.constants.Q;
    sum += byPixel[0]![3]![start + k]! * head[this.thread.z]![p]![q]!;
  }
  return sum;
}

export const bilinearSamplerDataGradientKernels: GpuOperator<BilinearSamplerDataGradientAttributes> = {
  obvious({ inputs, outputs, attributes: { height: H, width: W } }) {
    const [, C = 1, P = 1, Q = 1] = inputs[0]!;
    const letters = { C, H, W, Q, most: NEIGHBOURS * P * Q };
    const spec = plainKernel(
      'bilinearSamplerDataGradient',
      bilinearSamplerDataGradient,
      letters,
      outputs[0]!,
    );
    const byPixel = {
      from: 'host',
      inputs: [1],
      make: ([grid]: readonly Tensor[]) => samplesByPixel(grid!, H, W),
    } as const;
    return oneStep(spec, [plainInput(0), byPixel]);
  },
};
