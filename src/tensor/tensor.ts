/**
 * Tensor: numbers in memory. Row-major and contiguous, so that kernels read one layout; images and feature
 * maps are NCHW. Immutable by convention: whoever makes a tensor fills it, nobody writes to it afterwards.
 */
import { ShapeError } from './errors.ts';
import { elementCount, formatShape, type Shape } from './shape.ts';

/** float32 everywhere; float64 from the same code where more digits are wanted, e.g. to check gradients. */
export type DType = 'float32' | 'float64';

export type TensorData = Float32Array | Float64Array;

export interface Tensor {
  /** Sizes per axis, outermost first. */
  readonly shape: Shape;
  readonly dtype: DType;
  /** Row-major, contiguous, `elementCount(shape)` long. */
  readonly data: TensorData;
}

/** A zero-filled array of a dtype. */
export function allocate(dtype: DType, length: number): TensorData {
  return dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
}

function checkShape(shape: Shape): void {
  if (shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return;
  throw new ShapeError(`tensor: sizes must be whole numbers of at least 0, got [${shape.join(', ')}]`);
}

/**
 * A tensor of the given values. A typed array is taken over without a copy and decides the dtype unless another
 * one is asked for; anything else is copied.
 *
 * @example tensor([2, 2], [1, 2, 3, 4])
 * @throws ShapeError when the number of values is not the product of the sizes, or the dtype is another one
 */
export function tensor(shape: Shape, values: ArrayLike<number>, dtype?: DType): Tensor {
  checkShape(shape);
  if (values.length !== elementCount(shape)) {
    const expected = `${formatShape(shape)} needs ${elementCount(shape)}`;
    throw new ShapeError(`tensor: got ${values.length} values, shape ${expected}`);
  }
  const own =
    values instanceof Float32Array ? 'float32' : values instanceof Float64Array ? 'float64' : undefined;
  const wanted = dtype ?? own ?? 'float32';
  if (wanted !== 'float32' && wanted !== 'float64') {
    throw new ShapeError(`tensor: dtype is ${String(wanted)}, expected float32 or float64`);
  }
  if (own === wanted) return { shape, dtype: wanted, data: values as TensorData };
  return {
    shape,
    dtype: wanted,
    data: wanted === 'float32' ? Float32Array.from(values) : Float64Array.from(values),
  };
}

/** A tensor of zeros. */
export function zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  checkShape(shape);
  return { shape, dtype, data: allocate(dtype, elementCount(shape)) };
}

/** A tensor filled with one value. */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  const result = zeros(shape, dtype);
  result.data.fill(value);
  return result;
}

/** The same numbers in another dtype; the tensor itself when it already has it. */
export function cast(source: Tensor, dtype: DType): Tensor {
  return source.dtype === dtype ? source : tensor(source.shape, source.data, dtype);
}
