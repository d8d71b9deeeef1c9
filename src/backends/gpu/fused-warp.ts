/**
 * fusedWarp on the device: samples between the pixels where a flow points, times a scale.
 *
 * Positions are those of the paper, pixel plus flow. MXNet, and with it the reference, takes them to [−1, 1] and back,
 * which moves them by up to 4e-6 pixels on a map 63 pixels wide. To repeat that here would not bring the results
 * closer: devices divide with errors in the last bit, which move positions by more. So the two differ by up to 1e-5 of the
 * largest value where neighbouring pixels have nothing in common, and the kernel is the simpler for it.
 *
 * Letters  N images, C channels, H × W pixels
 */
import type { GpuOperator } from './kernel.ts';
import { packedSampler } from './packed-sampler.ts';
import { oneStep, plainInput, plainKernel, plainTable } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

type Letters = 'C' | 'H' | 'W' | 'hasScale';

/** The obvious kernel. A missing scale is a single 1, whose index is then always 0. */
function fusedWarp(this: Thread<Letters>, data: Planes, flow: Planes, scale: Planes): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.C);
  const X = this.thread.x + flow[2 * n]![this.thread.y]![this.thread.x]!;
  const Y = this.thread.y + flow[2 * n + 1]![this.thread.y]![this.thread.x]!;
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
  const has = this.constants.hasScale;
  return sum * scale[this.thread.z * has]![this.thread.y * has]![this.thread.x * has]!;
}

export const fusedWarpKernels: GpuOperator = {
  obvious({ inputs, outputs }) {
    const [, C = 1, H = 1, W = 1] = inputs[0]!;
    const hasScale = inputs.length > 2 ? 1 : 0;
    const spec = plainKernel('fusedWarp', fusedWarp, { C, H, W, hasScale }, outputs[0]!);
    return oneStep(spec, [plainInput(0), plainInput(1), hasScale ? plainInput(2) : plainTable([1], [1])]);
  },

  fast: (node) => packedSampler('warp', node, 'x + where[0]', 'y + where[1]'),

  border: (_, input) => (input === 0 ? 1 : 0),
};
