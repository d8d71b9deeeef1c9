/** Tensors without ties, for operators that pick a largest value. */
import fc from 'fast-check';
import { elementCount, type Shape, type Tensor, tensor } from '../../src/tensor/index.ts';

/** A float64 tensor of a shape whose values are all different: multiples of ⅛ around 0, in random order. */
export function distinctValues(shape: Shape): fc.Arbitrary<Tensor> {
  const count = elementCount(shape);
  const steps = Array.from({ length: count }, (_, k) => (k - Math.floor(count / 2)) / 8);
  return fc
    .shuffledSubarray(steps, { minLength: count, maxLength: count })
    .map((list) => tensor(shape, Float64Array.from(list)));
}
