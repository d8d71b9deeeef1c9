/**
 * The laws that hold for every operator, in one call: `checkOp(operator, cases, { oracle })`.
 *
 *  - the shape rule gives the shapes that the kernel produces;
 *  - the kernel agrees with an oracle written in the test by another formulation, in both dtypes;
 *  - the same input gives the same bits, and the inputs are left alone;
 *  - views with other strides, copied through `fromNdarray`, give what contiguous tensors give;
 *  - the gradient agrees with central differences in float64 (test/ops/gradient-check.ts).
 *
 * Cases are drawn by fast-check; a failure prints the seed and the shrunk case.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyOperator } from '../../src/ops/operator.ts';
import { runOperator } from '../../src/ops/operator.ts';
import {
  allocate,
  cast,
  type DType,
  elementCount,
  fromNdarray,
  type Shape,
  stridesOf,
  type Tensor,
  tensor,
  view,
} from '../../src/tensor/index.ts';

import { gradientProblems } from './gradient-check.ts';

export { tensor };

/** Random cases per law. */
export const RUNS = 100;

export interface OperatorCase<A> {
  readonly inputs: readonly Tensor[];
  readonly attributes: A;
}

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

/** A tensor filled by asking a function for the value at each index. */
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

export interface ValueRange {
  readonly min?: number;
  readonly max?: number;
  /** Keep at least this far from whole numbers. */
  readonly offInteger?: number;
}

/** float64 tensors of a shape whose values float32 holds exactly; they shrink towards zero. */
export function values(
  shape: Shape,
  { min = -4, max = 4, offInteger = 0 }: ValueRange = {},
): fc.Arbitrary<Tensor> {
  const steps = 1 << 12;
  const value = fc.integer({ min: Math.ceil(min * steps), max: Math.floor(max * steps) }).map((k) => {
    const x = k / steps;
    const fraction = x - Math.floor(x);
    return offInteger > 0 ? Math.floor(x) + offInteger + fraction * (1 - 2 * offInteger) : x;
  });
  const count = elementCount(shape);
  return fc
    .array(value, { minLength: count, maxLength: count, size: 'max' })
    .map((list) => tensor(shape, Float64Array.from(list, Math.fround)));
}

/** Shapes with each size between 1 and its bound. */
export function sizes(...bounds: readonly number[]): fc.Arbitrary<number[]> {
  return fc.tuple(...bounds.map((max) => fc.integer({ min: 1, max }))).map((list) => [...list]);
}

/** The tensor read through a transposed, offset view: the same numbers by another way through memory. */
function throughStrides(source: Tensor): Tensor {
  const order = source.shape.map((_, axis) => axis).toReversed();
  const scrambled = fromNdarray(view(source).transpose(...order), source.dtype);
  return fromNdarray(view(scrambled).transpose(...order), source.dtype);
}

export interface CheckOptions<A> {
  /** The expected outputs, by a formulation independent of the kernel. Evaluated in float64. */
  readonly oracle: (inputs: readonly Tensor[], attributes: Required<A>) => Tensor | readonly Tensor[];
  /** Largest |kernel − oracle| / (1 + |oracle|) by dtype. Default float32 2e-6, float64 1e-13; 0 for copies. */
  readonly tolerance?: { readonly float32: number; readonly float64: number };
  /** Dtypes the operator is defined for. Default both. */
  readonly dtypes?: readonly DType[];
  readonly runs?: number;
  /**
   * How the gradient is checked: by default against central differences, on `cases`, for operators that have one.
   * `cases`: other cases, e.g. ones that keep away from kinks. `skip`: the rule is not the derivative; say why.
   */
  readonly gradient?: { readonly cases?: fc.Arbitrary<OperatorCase<A>>; readonly skip?: string };
}

function expectClose(got: Tensor, expected: Tensor, tolerance: number): void {
  expect(got.shape).toEqual(expected.shape);
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [got.data[i]!, expected.data[i]!];
    if (Object.is(a, b) || a === b) continue;
    const gap = Math.abs(a - b) / (1 + Math.abs(b));
    if (!(gap <= tolerance))
      expect.fail(`element ${i} of ${got.shape.join('x')}: got ${a}, oracle ${b} (${got.dtype})`);
  }
}

/** Registers the laws as tests of one operator. */
export function checkOp<A extends object>(
  operator: AnyOperator,
  cases: fc.Arbitrary<OperatorCase<A>>,
  {
    oracle,
    tolerance = { float32: 2e-6, float64: 1e-13 },
    dtypes = ['float32', 'float64'],
    runs = RUNS,
    gradient = {},
  }: CheckOptions<A>,
): void {
  describe(operator.name, () => {
    test.each(dtypes)('agrees with the oracle, and its shape rule with its result, in %s', (dtype) => {
      fc.assert(
        fc.property(cases, ({ inputs, attributes }) => {
          const complete = { ...operator.defaults, ...attributes } as Required<A>;
          const typed = inputs.map((input) => cast(input, dtype));
          const outputs = runOperator(operator, typed, attributes);
          expect(
            operator.shape(
              typed.map(({ shape }) => shape),
              complete,
            ),
          ).toEqual(outputs.map(({ shape }) => shape));
          const expected = [oracle(inputs, complete)].flat();
          expect(outputs.length).toBe(expected.length);
          outputs.forEach((output, k) => expectClose(output, expected[k]!, tolerance[dtype]));
        }),
        { numRuns: runs },
      );
    });

    test('gives the same bits for the same input, however it lay in memory, and leaves the input alone', () => {
      fc.assert(
        fc.property(cases, ({ inputs, attributes }) => {
          const typed = inputs.map((input) => cast(input, dtypes[0]!));
          const before = typed.map((input) => input.data.slice());
          const first = runOperator(operator, typed, attributes);
          const second = runOperator(operator, typed.map(throughStrides), attributes);
          first.forEach((output, k) => expect(output.data).toEqual(second[k]!.data));
          typed.forEach((input, k) => expect(input.data).toEqual(before[k]));
        }),
        { numRuns: Math.min(runs, 25) },
      );
    });

    if (operator.gradient && gradient.skip === undefined) {
      test('has the gradient that central differences in float64 give', () => {
        fc.assert(
          fc.property(gradient.cases ?? cases, fc.integer(), ({ inputs, attributes }, seed) => {
            for (const problem of gradientProblems(operator, inputs, attributes, seed)) expect.fail(problem);
          }),
          { numRuns: runs },
        );
      });
    }
  });
}
