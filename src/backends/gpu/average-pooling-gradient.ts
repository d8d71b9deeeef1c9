/**
 * averagePoolingGradient on the device: see `src/ops/average-pooling-gradient.ts`. A pixel gathers from the windows that
 * cover it.
 *
 * Letters  A × B windows at most that cover a pixel
 */
import { type AveragePoolingGradientAttributes, poolingGeometry } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import { coverTables, extentTables } from './pooling-windows.ts';
import type { Planes, Thread } from './thread.ts';

function averagePoolingGradient(
  this: Thread<'A' | 'B'>,
  head: Planes,
  rows: Planes,
  columns: Planes,
  coverRows: Planes,
  coverColumns: Planes,
): number {
  let sum = 0;
  for (let a = 0; a < this.constants.A; a++) {
    for (let b = 0; b < this.constants.B; b++) {
      const p = coverRows[0]![this.thread.y]![0]! + a;
      const q = coverColumns[0]![this.thread.x]![0]! + b;
      if (p < coverRows[0]![this.thread.y]![1]! && q < coverColumns[0]![this.thread.x]![1]!) {
        sum += head[this.thread.z]![p]![q]! / (rows[0]![p]![2]! * columns[0]![q]![2]!);
      }
    }
  }
  return sum;
}

export const averagePoolingGradientKernels: GpuOperator<Required<AveragePoolingGradientAttributes>> = {
  obvious({ outputs, attributes }) {
    const geometry = poolingGeometry('averagePoolingGradient', outputs[0]!, attributes);
    const { tables, most } = coverTables(geometry);
    const [A, B] = most;
    const spec = plainKernel('averagePoolingGradient', averagePoolingGradient, { A, B }, outputs[0]!);
    return oneStep(spec, [plainInput(0), ...extentTables(geometry, attributes.countPadding), ...tables]);
  },
};
