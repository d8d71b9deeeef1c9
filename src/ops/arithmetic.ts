/**
 * The four arithmetic operations on tensors whose axes of size 1 repeat.
 *
 * Three families of operators share them: broadcasting ones, those on equal shapes (the walk is then a single row) and
 * those with a scalar (a tensor of a single, repeated element). Each result is one correctly rounded operation.
 */
import type { Shape } from '../tensor/shape.ts';
import { type DType, full, type Tensor, type TensorData } from '../tensor/tensor.ts';
import { eachRow, repeating, type Row } from './strided.ts';

/**
 * One operation on one row of the walk. The four loops are written out, because one loop that calls a function for
 * each element is several times slower.
 */
export type RowOperation = (out: TensorData, lhs: TensorData, rhs: TensorData, row: Row) => void;

export const add: RowOperation = (out, lhs, rhs, { start, length, left, leftStep, right, rightStep }) => {
  for (let i = 0, l = left, r = right; i < length; i++, l += leftStep, r += rightStep) {
    out[start + i] = lhs[l]! + rhs[r]!;
  }
};

export const subtract: RowOperation = (
  out,
  lhs,
  rhs,
  { start, length, left, leftStep, right, rightStep },
) => {
  for (let i = 0, l = left, r = right; i < length; i++, l += leftStep, r += rightStep) {
    out[start + i] = lhs[l]! - rhs[r]!;
  }
};

export const multiply: RowOperation = (
  out,
  lhs,
  rhs,
  { start, length, left, leftStep, right, rightStep },
) => {
  for (let i = 0, l = left, r = right; i < length; i++, l += leftStep, r += rightStep) {
    out[start + i] = lhs[l]! * rhs[r]!;
  }
};

export const divide: RowOperation = (out, lhs, rhs, { start, length, left, leftStep, right, rightStep }) => {
  for (let i = 0, l = left, r = right; i < length; i++, l += leftStep, r += rightStep) {
    out[start + i] = lhs[l]! / rhs[r]!;
  }
};

/** out = lhs ∘ rhs, where axes of size 1 of either side repeat. All three have one rank. */
export function combine(operation: RowOperation, out: Tensor, lhs: Tensor, rhs: Tensor): void {
  eachRow(out.shape, repeating(lhs.shape), repeating(rhs.shape), (row) =>
    operation(out.data, lhs.data, rhs.data, row),
  );
}

/** A scalar as an operand beside `data`: one element, in the dtype of the data as in MXNet. */
export function scalarBeside(data: Tensor, scalar: number): Tensor {
  const ones: Shape = data.shape.map(() => 1);
  return full(ones, scalar, data.dtype);
}

/** A number as a dtype holds it. MXNet rounds scalar attributes to the dtype of the data before it uses them. */
export function roundTo(dtype: DType, value: number): number {
  return dtype === 'float32' ? Math.fround(value) : value;
}
