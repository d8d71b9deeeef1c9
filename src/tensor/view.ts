/**
 * The door to `ndarray`, where strides are allowed. Views share memory with the tensor. ndarray compiles a class
 * for each rank when the first view is made, which a strict content-security policy forbids; nothing else in this
 * package makes views, so only callers of these two functions depend on it.
 */
import ndarray, { type NdArray } from 'ndarray';
import { elementCount } from './shape.ts';
import { allocate, type DType, type Tensor, type TensorData } from './tensor.ts';

/** The tensor as an ndarray, without a copy: slice, step and transpose it as you like. */
export function view(source: Tensor): NdArray<TensorData> {
  return ndarray(source.data, [...source.shape]);
}

/** A tensor with the elements of any ndarray, strided or not, copied into row-major order. */
export function fromNdarray(source: NdArray, dtype?: DType): Tensor {
  const { shape, stride, offset } = source;
  const data = source.data as ArrayLike<number>;
  const result = allocate(
    dtype ?? (data instanceof Float64Array ? 'float64' : 'float32'),
    elementCount(shape),
  );
  let next = 0;
  const walk = (axis: number, position: number): void => {
    if (axis === shape.length) {
      result[next++] = data[position]!;
      return;
    }
    for (let i = 0; i < shape[axis]!; i++) walk(axis + 1, position + i * stride[axis]!);
  };
  walk(0, offset);
  return { shape: [...shape], dtype: result instanceof Float64Array ? 'float64' : 'float32', data: result };
}
