/**
 * take on the device: see `src/ops/take.ts`.
 *
 * The axes of the result are those of the indices, then those of a row. Both places are known beforehand but for the row
 * itself, which is one more step along the first axis of `a`.
 */
import { elementCount } from '../../tensor/shape.ts';
import type { GpuOperator, NodeView } from './kernel.ts';
import { following, placeTables, type Source } from './places.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/** rows in `a`; of the three steps along its first axis two are 0. An index is cut to a whole number as it is read. */
function take(
  this: Thread<'rows' | 'stepPlane' | 'stepRow' | 'stepColumn'>,
  a: Planes,
  indices: Planes,
  byPlane: Planes,
  byRow: Planes,
  byColumn: Planes,
): number {
  const iz =
    byPlane[0]![3]![this.thread.z]! + byRow[0]![3]![this.thread.y]! + byColumn[0]![3]![this.thread.x]!;
  const iy =
    byPlane[0]![4]![this.thread.z]! + byRow[0]![4]![this.thread.y]! + byColumn[0]![4]![this.thread.x]!;
  const ix =
    byPlane[0]![5]![this.thread.z]! + byRow[0]![5]![this.thread.y]! + byColumn[0]![5]![this.thread.x]!;
  const index = indices[iz]![iy]![ix]!;
  let taken = 0;
  if (index >= this.constants.rows - 1) {
    taken = this.constants.rows - 1;
  } else if (index > 0) {
    taken = Math.floor(index);
  }
  const plane =
    byPlane[0]![0]![this.thread.z]! + byRow[0]![0]![this.thread.y]! + byColumn[0]![0]![this.thread.x]!;
  const row =
    byPlane[0]![1]![this.thread.z]! + byRow[0]![1]![this.thread.y]! + byColumn[0]![1]![this.thread.x]!;
  const column =
    byPlane[0]![2]![this.thread.z]! + byRow[0]![2]![this.thread.y]! + byColumn[0]![2]![this.thread.x]!;
  return a[plane + taken * this.constants.stepPlane]![row + taken * this.constants.stepRow]![
    column + taken * this.constants.stepColumn
  ]!;
}

export const takeKernels: GpuOperator = {
  obvious({ inputs, outputs }: NodeView) {
    const [a, indices] = [inputs[0]!, inputs[1]!];
    const rank = a.length;
    const rowOf: Source = {
      shape: a,
      places: a.map((_, axis) =>
        axis === 0 ? { follows: undefined, at: () => 0 } : following(axis - 1 + indices.length),
      ),
    };
    const indexOf: Source = { shape: indices, places: indices.map((_, axis) => following(axis)) };
    const constants = {
      rows: a[0]!,
      stepPlane: rank > 2 ? elementCount(a.slice(1, -2)) : 0,
      stepRow: rank === 2 ? 1 : 0,
      stepColumn: rank === 1 ? 1 : 0,
    };
    const spec = plainKernel('take', take, constants, outputs[0]!);
    return oneStep(spec, [plainInput(0), plainInput(1), ...placeTables(outputs[0]!, [rowOf, indexOf])]);
  },
};
