/** Cases and words that the tests of fused operators share. */
import fc from 'fast-check';
import { type Shape, type Tensor, tensor } from '../../src/tensor/index.ts';
import { values } from '../../src/testing/index.ts';

/** No activation, relu, and leakyRelu with some slopes. */
export const slopes: fc.Arbitrary<number> = fc.constantFrom(1, 0, 0.1, 0.25, 1.5);

/** x where it is positive, slope · x elsewhere, as the two half-lines added up; relu of −∞ is 0. */
export function activated(x: number, slope: number): number {
  return Math.max(0, x) + (slope === 0 && !Number.isNaN(x) ? 0 : slope * Math.min(0, x));
}

/** Whole numbers, plus `offset`: sums of their products are as far as the offset from 0, where activations have kinks. */
export function wholeValues(shape: Shape, offset = 0): fc.Arbitrary<Tensor> {
  return values(shape).map(({ data }) =>
    tensor(
      shape,
      Float64Array.from(data, (x) => Math.round(x) + offset),
    ),
  );
}
