/**
 * bilinearSampler on the device. Positions are computed as in `src/ops/sample-site.ts`, step by step. Where a device
 * rounds one of them to the other side of a whole number, the next interval is read with weight 1 at its start: nothing
 * jumps there, so no table is needed. NaN in the grid is lost along an axis of one pixel, where GPUs take NaN · 0 for 0.
 *
 * Letters  N images, C channels, H × W data, P × Q grid
 */
import { samplerGeometry } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { packedSampler } from './packed-sampler.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/**
 * The obvious kernel: the four pixels around a position, each weighted by 1 − its distance along each axis. Pixels
 * outside count as 0, times the weight, which is NaN where the grid is.
 */
function bilinearSampler(this: Thread<'C' | 'H' | 'W'>, data: Planes, grid: Planes): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.C);
  const X = ((grid[2 * n]![this.thread.y]![this.thread.x]! + 1) * (this.constants.W - 1)) / 2;
  const Y = ((grid[2 * n + 1]![this.thread.y]![this.thread.x]! + 1) * (this.constants.H - 1)) / 2;
  const left = Math.floor(X);
  const top = Math.floor(Y);
  let sum = 0;
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 2; j++) {
      const y = top + i;
      const x = left + j;
      let pixel = 0;
      if (y >= 0 && y < this.constants.H && x >= 0 && x < this.constants.W) {
        pixel = data[this.thread.z]![y]![x]!;
      }
      sum += (1 - Math.abs(Y - y)) * (1 - Math.abs(X - x)) * pixel;
    }
  }
  return sum;
}

export const bilinearSamplerKernels: GpuOperator = {
  obvious({ inputs, outputs }) {
    const { C, H, W } = samplerGeometry('bilinearSampler', inputs[0]!, inputs[1]!);
    const spec = plainKernel('bilinearSampler', bilinearSampler, { C, H, W }, outputs[0]!);
    return oneStep(spec, [plainInput(0), plainInput(1)]);
  },

  fast(node) {
    const [, , H = 1, W = 1] = node.inputs[0]!;
    return packedSampler('sample', node, `(where[0] + 1) * ${W - 1} / 2`, `(where[1] + 1) * ${H - 1} / 2`);
  },

  border: (_, input) => (input === 0 ? 1 : 0),
};
