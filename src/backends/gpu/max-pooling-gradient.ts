/**
 * maxPoolingGradient on the device: see `src/ops/max-pooling-gradient.ts`. A pixel goes through the windows that cover
 * it and takes from those that it won: where no number is larger, and none as large comes before it.
 *
 * NaN      Wins nothing, where the device compares as the standard says.
 * Letters  A × B windows at most that cover a pixel, I × J window
 */
import { poolingGeometry, type PoolingWindowAttributes } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import { LOWEST } from './pooling.ts';
import { coverTables, extentTables } from './pooling-windows.ts';
import type { Planes, Thread } from './thread.ts';

function maxPoolingGradient(
  this: Thread<'A' | 'B' | 'I' | 'J' | 'LOWEST'>,
  data: Planes,
  head: Planes,
  rows: Planes,
  columns: Planes,
  coverRows: Planes,
  coverColumns: Planes,
): number {
  const own = data[this.thread.z]![this.thread.y]![this.thread.x]!;
  let sum = 0;
  for (let a = 0; a < this.constants.A; a++) {
    for (let b = 0; b < this.constants.B; b++) {
      const p = coverRows[0]![this.thread.y]![0]! + a;
      const q = coverColumns[0]![this.thread.x]![0]! + b;
      if (p < coverRows[0]![this.thread.y]![1]! && q < coverColumns[0]![this.thread.x]![1]!) {
        let rivals = 0;
        for (let i = 0; i < this.constants.I; i++) {
          for (let j = 0; j < this.constants.J; j++) {
            const y = rows[0]![p]![0]! + i;
            const x = columns[0]![q]![0]! + j;
            if (y < rows[0]![p]![1]! && x < columns[0]![q]![1]!) {
              const other = data[this.thread.z]![y]![x]!;
              if (other > own) {
                rivals += 1;
              }
              if (other === own && (y < this.thread.y || (y === this.thread.y && x < this.thread.x))) {
                rivals += 1;
              }
            }
          }
        }
        if (rivals < 0.5 && own > this.constants.LOWEST) {
          sum += head[this.thread.z]![p]![q]!;
        }
      }
    }
  }
  return sum;
}

export const maxPoolingGradientKernels: GpuOperator<Required<PoolingWindowAttributes>> = {
  obvious({ inputs, outputs, attributes }) {
    const geometry = poolingGeometry('maxPoolingGradient', inputs[0]!, attributes);
    const { tables, most } = coverTables(geometry);
    const [A, B] = most;
    const { I, J } = geometry;
    const constants = { A, B, I, J, LOWEST };
    const spec = plainKernel('maxPoolingGradient', maxPoolingGradient, constants, outputs[0]!);
    return oneStep(spec, [plainInput(0), plainInput(1), ...extentTables(geometry, true), ...tables]);
  },
};
