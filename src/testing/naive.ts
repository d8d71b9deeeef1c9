/** Words for oracles: read a tensor by index, build one from a formula. Slow and plain, as an oracle should be. */
import { allocate, type DType, elementCount, type Shape, stridesOf, type Tensor } from '../tensor/index.ts';

/** The value at an index; 0 outside the tensor, as most operators see it. */
export function at(source: Tensor, ...index: readonly number[]): number {
  const strides = stridesOf(source.shape);
  let position = 0;
  for (let axis = 0; axis < index.length; axis++) {
    const i = index[axis]!;
    if (i < 0 || i >= source.shape[axis]!) return 0;
    position += i * strides[axis]!;
  }
  return source.data[position]!;
}

/**
 * A tensor filled by asking a function for the value at each index.
 *
 * @example build([2, 3], (row, column) => row + column)
 */
export function build(
  shape: Shape,
  valueAt: (...index: number[]) => number,
  dtype: DType = 'float64',
): Tensor {
  const data = allocate(dtype, elementCount(shape));
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    data[i] = valueAt(...index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return { shape, dtype, data };
}
