/**
 * bilinearSamplerGridGradient on the device. Positions are computed as in `src/ops/sample-site.ts`. The slope jumps where
 * a position crosses a pixel: within a rounding of a whole number it may be that of the other side. NaN in the grid is
 * lost along an axis of one pixel, where GPUs take NaN · 0 for 0.
 *
 * Letters  N images, C channels, H × W data, P × Q grid
 */
import { samplerGeometry } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/**
 * The obvious kernel: how each of the four pixels' weights changes with the position along one axis, −1 on the near side
 * and 1 on the far one, times its weight along the other. Plane 2n of the result is along x, plane 2n + 1 along y.
 */
function bilinearSamplerGridGradient(
  this: Thread<'C' | 'H' | 'W'>,
  head: Planes,
  data: Planes,
  grid: Planes,
): number {
  const n = Math.floor((this.thread.z + 0.5) / 2);
  const axis = this.thread.z - 2 * n;
  const X = ((grid[2 * n]![this.thread.y]![this.thread.x]! + 1) * (this.constants.W - 1)) / 2;
  const Y = ((grid[2 * n + 1]![this.thread.y]![this.thread.x]! + 1) * (this.constants.H - 1)) / 2;
  const left = Math.floor(X);
  const top = Math.floor(Y);
  let sum = 0;
  for (let c = 0; c < this.constants.C; c++) {
    const plane = n * this.constants.C + c;
    let slope = 0;
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 2; j++) {
        const y = top + i;
        const x = left + j;
        let pixel = 0;
        if (y >= 0 && y < this.constants.H && x >= 0 && x < this.constants.W) {
          pixel = data[plane]![y]![x]!;
        }
        if (axis === 0) slope += (2 * j - 1) * (1 - Math.abs(Y - y)) * pixel;
        if (axis === 1) slope += (2 * i - 1) * (1 - Math.abs(X - x)) * pixel;
      }
    }
    sum += head[plane]![this.thread.y]![this.thread.x]! * slope;
  }
  const size = axis === 0 ? this.constants.W : this.constants.H;
  return (sum * (size - 1)) / 2;
}

export const bilinearSamplerGridGradientKernels: GpuOperator = {
  obvious({ inputs, outputs }) {
    const { C, H, W } = samplerGeometry('bilinearSamplerGridGradient', inputs[1]!, inputs[2]!);
    const spec = plainKernel(
      'bilinearSamplerGridGradient',
      bilinearSamplerGridGradient,
      { C, H, W },
      outputs[0]!,
    );
    return oneStep(spec, [plainInput(0), plainInput(1), plainInput(2)]);
  },
};
