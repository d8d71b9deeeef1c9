/** Random tensors and shapes for fast-check. They shrink to small shapes and to zeros. */
import fc from 'fast-check';
import { elementCount, type Shape, type Tensor, tensor } from '../tensor/index.ts';

/** Values are multiples of 1 / STEPS. */
const STEPS = 1 << 12;

export interface ValueRange {
  /** Default −4. */
  readonly min?: number;
  /** Default 4. */
  readonly max?: number;
  /** Keep at least this far from whole numbers, where operators that round have kinks. Default 0. */
  readonly offInteger?: number;
}

/**
 * float64 tensors of a shape whose values float32 holds exactly, so that both dtypes compute with the same numbers.
 *
 * @example values([2, 3], { min: 0, max: 1 })
 */
export function values(
  shape: Shape,
  { min = -4, max = 4, offInteger = 0 }: ValueRange = {},
): fc.Arbitrary<Tensor> {
  const value = fc.integer({ min: Math.ceil(min * STEPS), max: Math.floor(max * STEPS) }).map((k) => {
    const x = k / STEPS;
    const fraction = x - Math.floor(x);
    return offInteger > 0 ? Math.floor(x) + offInteger + fraction * (1 - 2 * offInteger) : x;
  });
  const count = elementCount(shape);
  return fc
    .array(value, { minLength: count, maxLength: count, size: 'max' })
    .map((list) => tensor(shape, Float64Array.from(list, Math.fround)));
}

/** float64 tensors without ties, for operators that pick a largest value: multiples of ⅛ around 0, in random order. */
export function distinctValues(shape: Shape): fc.Arbitrary<Tensor> {
  const count = elementCount(shape);
  const steps = Array.from({ length: count }, (_, k) => (k - Math.floor(count / 2)) / 8);
  return fc
    .shuffledSubarray(steps, { minLength: count, maxLength: count })
    .map((list) => tensor(shape, Float64Array.from(list)));
}

/** Shapes with each size between 1 and its bound. */
export function sizes(...bounds: readonly number[]): fc.Arbitrary<number[]> {
  return fc.tuple(...bounds.map((max) => fc.integer({ min: 1, max }))).map((list) => [...list]);
}
