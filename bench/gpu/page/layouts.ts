/** Axes in another order: they read NHWC and write filters last. */
import { allocate, elementCount, type Shape, type Tensor } from '../../../src/tensor/index.ts';

/** The axes of a tensor of four in another order: `permuted(nchw, [0, 2, 3, 1])` is NHWC. */
export function permuted(source: Tensor, order: readonly [number, number, number, number]): Tensor {
  const strides: number[] = [];
  let stride = 1;
  for (const size of source.shape.toReversed()) {
    strides.unshift(stride);
    stride *= size;
  }
  const shape: Shape = order.map((axis) => source.shape[axis]!);
  const [A, B, C, D] = shape as [number, number, number, number];
  const [a, b, c, d] = order.map((axis) => strides[axis]!) as [number, number, number, number];
  const data = allocate(source.dtype, elementCount(shape));
  let o = 0;
  for (let i = 0; i < A; i++) {
    for (let j = 0; j < B; j++) {
      for (let k = 0; k < C; k++) {
        const start = i * a + j * b + k * c;
        for (let l = 0; l < D; l++) data[o++] = source.data[start + l * d]!;
      }
    }
  }
  return { ...source, shape, data };
}

export const toNhwc = (nchw: Tensor): Tensor => permuted(nchw, [0, 2, 3, 1]);
export const toNchw = (nhwc: Tensor): Tensor => permuted(nhwc, [0, 3, 1, 2]);
