/**
 * Decisions that rounding may turn: the goldens list the regions of interest whose order or whose pixel rounding is
 * within the noise of float32. Two neighbouring regions listed as unstable may come in either order; the values of a
 * region whose rounding is listed may differ. Nothing else is excused.
 */
import { type Tensor, tensor } from '../../src/tensor/index.ts';

export interface StabilityNotes {
  /** Rows whose rounding to pixels may go either way. */
  readonly unstableRows: readonly number[];
  /** n: rows n and n + 1 may be exchanged. */
  readonly unstableOrder: readonly number[];
}

/** For each stored row, the row of ours that it is. Only listed neighbours are exchanged, and only if that fits better. */
export function matchRows(ours: Tensor, stored: Tensor, { unstableOrder }: StabilityNotes): number[] {
  const [rows = 0, columns = 0] = stored.shape;
  const order = Array.from({ length: rows }, (_, row) => row);
  const gap = (a: number, b: number): number => {
    let largest = 0;
    for (let k = 0; k < columns; k++) {
      largest = Math.max(largest, Math.abs(ours.data[a * columns + k]! - stored.data[b * columns + k]!));
    }
    return largest;
  };
  for (const n of unstableOrder) {
    if (n + 1 >= rows) continue;
    const [a, b] = [order[n]!, order[n + 1]!];
    const straight = Math.max(gap(a, n), gap(b, n + 1));
    const crossed = Math.max(gap(b, n), gap(a, n + 1));
    if (crossed < straight) [order[n], order[n + 1]] = [b, a];
  }
  return order;
}

/** The rows of a tensor in another order, where `rows` is the size of one of its leading axes; otherwise itself. */
export function reorderRows(source: Tensor, order: readonly number[]): Tensor {
  const axis = source.shape.findIndex((size) => size === order.length);
  if (axis < 0 || axis > 1 || source.shape.slice(0, axis).some((size) => size !== 1)) return source;
  const length = source.data.length / order.length;
  const data = source.data.slice();
  order.forEach((from, to) =>
    data.set(source.data.subarray(from * length, (from + 1) * length), to * length),
  );
  return tensor(source.shape, data);
}

/** Our values, with those of unstable rows replaced by the stored ones. */
export function excuseRows(ours: Tensor, stored: Tensor, rows: number, unstable: readonly number[]): Tensor {
  if (unstable.length === 0 || ours.data.length !== stored.data.length || !ours.shape.includes(rows))
    return ours;
  const length = ours.data.length / rows;
  const data = ours.data.slice();
  for (const row of unstable) data.set(stored.data.subarray(row * length, (row + 1) * length), row * length);
  return tensor(ours.shape, data);
}
