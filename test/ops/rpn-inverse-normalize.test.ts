import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  rpnInverseNormalize,
  type RpnInverseNormalizeAttributes,
  rpnInverseNormalizeOperator,
} from '../../src/ops/index.ts';
import { tensor, zeros } from '../../src/tensor/index.ts';
import {
  at,
  build,
  checkOp,
  gradientsOf,
  type OperatorCase,
  sizes,
  values,
} from '../../src/testing/index.ts';

const four = fc.array(fc.constantFrom(0, 0.1, 0.2, 0.4, -1, 2), { minLength: 4, maxLength: 4 });

const cases: fc.Arbitrary<OperatorCase<RpnInverseNormalizeAttributes>> = sizes(2, 3, 3, 3).chain(
  ([N = 0, A = 0, H = 0, W = 0]) =>
    fc.record({
      inputs: fc.tuple(values([N, 4 * A, H, W])),
      attributes: fc.oneof(fc.record({ deviations: four }), fc.record({ deviations: four, means: four })),
    }),
);

checkOp(rpnInverseNormalizeOperator, cases, {
  oracle: ([delta], { means, deviations }) =>
    build(delta!.shape, (n, c, y, x) => {
      const coordinate = c % 4;
      return means[coordinate]! + at(delta!, n, c, y, x) * deviations[coordinate]!;
    }),
  skip: { gradient: 'the official operator passes none' },
});

describe('rpnInverseNormalize', () => {
  test('rounds the deviations to float32 before it multiplies, as the official operator does', () => {
    const out = rpnInverseNormalize(tensor([1, 4, 1, 1], [3, 3, 3, 3]), { deviations: [0.1, 0.2, 0.3, 0.4] });
    const f = Math.fround;
    expect([...out.data]).toEqual([f(3 * f(0.1)), f(3 * f(0.2)), f(3 * f(0.3)), f(3 * f(0.4))]);
  });

  test('rounds the product before it adds the mean', () => {
    const four = (x: number): number[] => [x, x, x, x];
    const attributes = { deviations: four(0.1), means: four(0.3) };
    const out = rpnInverseNormalize(tensor([1, 4, 1, 1], four(1.3125)), attributes);
    const f = Math.fround;
    expect(out.data[0]).toBe(f(f(1.3125 * f(0.1)) + f(0.3)));
    expect(out.data[0]).not.toBe(f(1.3125 * f(0.1) + f(0.3)));
  });

  test('refuses channels that are no multiple of four, and lists of other than four', () => {
    const deviations = [1, 1, 1, 1];
    expect(() => rpnInverseNormalize(zeros([1, 6, 2, 2]), { deviations })).toThrow(
      'rpnInverseNormalize: bbox_pred has 6 channels, expected a multiple of 4 (bbox_pred 1x6x2x2)',
    );
    expect(() => rpnInverseNormalize(zeros([1, 4, 2, 2]), { deviations: [1, 1] })).toThrow(
      'deviations is [1, 1], expected four numbers, for dx, dy, dw and dh',
    );
    expect(() => rpnInverseNormalize(zeros([1, 4, 2, 2]), { deviations, means: [0, NaN, 0, 0] })).toThrow(
      'means is',
    );
  });

  test('passes no gradient, as the official operator does', () => {
    const one = zeros([1, 4, 1, 1]);
    expect(gradientsOf(rpnInverseNormalizeOperator, [one], [one], { deviations: [1, 1, 1, 1] })).toEqual([
      null,
    ]);
  });
});
