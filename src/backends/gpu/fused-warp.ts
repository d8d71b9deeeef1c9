/**
 * fusedWarp on the device: positions from a flow, bilinear samples there, times a scale.
 *
 * The flow is taken to [−1, 1] and back as in `src/ops/grid-generator.ts` and `sample-site.ts`. Devices divide with an
 * error in the last bit, which moves a position by up to 1e-7 of the width of the map: what a steep edge then differs by
 * is the tolerance of this kernel, 1e-5 of the largest value on maps some 60 pixels wide.
 *
 * Letters  N images, C channels, H × W pixels
 */
import type { GpuOperator } from './kernel.ts';
import { packedSampler } from './packed-sampler.ts';
import { oneStep, plainInput, plainKernel, plainTable } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

type Letters = 'C' | 'H' | 'W' | 'halfX' | 'halfY' | 'hasScale';

/** The obvious kernel. A missing scale is a single 1, whose index is then always 0. */
function fusedWarp(this: Thread<Letters>, data: Planes, flow: Planes, scale: Planes): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.C);
  const right = flow[2 * n]![this.thread.y]![this.thread.x]!;
  const down = flow[2 * n + 1]![this.thread.y]![this.thread.x]!;
  const gridX = (right + this.thread.x) / this.constants.halfX - 1;
  const gridY = (down + this.thread.y) / this.constants.halfY - 1;
  const X = (gridX + 1) * this.constants.halfX;
  const Y = (gridY + 1) * this.constants.halfY;
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
    const letters = { C, H, W, halfX: (W - 1) / 2, halfY: (H - 1) / 2, hasScale };
    const spec = plainKernel('fusedWarp', fusedWarp, letters, outputs[0]!);
    return oneStep(spec, [plainInput(0), plainInput(1), hasScale ? plainInput(2) : plainTable([1], [1])]);
  },

  fast(node) {
    const [, , H = 1, W = 1] = node.inputs[0]!;
    const [halfX, halfY] = [(W - 1) / 2, (H - 1) / 2];
    return packedSampler('warp', node, [
      `const gridX = (where[0] + x) / ${halfX} - 1; const X = (gridX + 1) * ${halfX};`,
      `const gridY = (where[1] + y) / ${halfY} - 1; const Y = (gridY + 1) * ${halfY};`,
    ]);
  },

  border: (_, input) => (input === 0 ? 1 : 0),
};
