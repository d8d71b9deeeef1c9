import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeLoss, type MakeLossAttributes, makeLossOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, sizes, values } from '../../src/testing/index.ts';

const cases: fc.Arbitrary<OperatorCase<MakeLossAttributes>> = fc
  .oneof(sizes(5), sizes(3, 4), sizes(2, 3, 2, 2))
  .chain((shape) =>
    fc.record({
      inputs: fc.tuple(values(shape)),
      attributes: fc.constantFrom(
        {},
        { gradScale: 0.5 },
        { normalization: 'valid' as const, validThreshold: 1 },
      ),
    }),
  );

checkOp(makeLossOperator, cases, {
  oracle: ([data]) => build(data!.shape, (...index) => at(data!, ...index)),
  tolerance: { float32: 0, float64: 0 },
  skip: { gradient: "MXNet's rule: a constant, whatever comes in" },
});

describe('makeLoss', () => {
  test('passes NaN and infinities on', () => {
    expect([...makeLoss(tensor([3], [NaN, Infinity, -0])).data]).toEqual([NaN, Infinity, -0]);
  });

  test.each([
    ['an unknown normalisation', { normalization: 'mean' as 'null' }, 'expected null or batch or valid'],
    ['a scale that is no number', { gradScale: NaN }, 'makeLoss: gradScale is NaN, expected a finite number'],
    ['a threshold that is no number', { validThreshold: NaN }, 'makeLoss: validThreshold is NaN'],
  ])('refuses %s', (_, attributes, message) => {
    expect(() => makeLoss(tensor([1], [1]), attributes)).toThrow(message);
  });
});
