import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clip, withinRange, withinRangeOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

const limits = fc
  .tuple(fc.integer({ min: -12, max: 12 }), fc.integer({ min: 0, max: 12 }))
  .map(([low, width]) => ({ min: low / 4, max: (low + width) / 4 }));

checkOp(withinRangeOperator, unaryCases(limits), {
  // Inside is where the distances to both limits add up to the width. NaN counts as inside.
  oracle: (inputs, { min, max }) =>
    elementwise((x) => (Math.abs(x - min) + Math.abs(x - max) > max - min ? 0 : 1))(inputs),
  tolerance: { float32: 0, float64: 0 },
});

describe('withinRange', () => {
  test('counts both limits as inside, and NaN too', () => {
    const data = tensor([7], [-Infinity, -0.1, 0, 0.5, 1, 1.1, NaN]);
    expect([...withinRange(data, { min: 0, max: 1 }).data]).toEqual([0, 0, 1, 1, 1, 0, 1]);
  });

  test('rounds the limits to float32 for float32 data, as clip does', () => {
    const limits = { min: 0.1, max: 0.7 };
    const ends = tensor([2], [0.1, 0.7]);
    expect([...withinRange(ends, limits).data]).toEqual([1, 1]);
    expect([...withinRange(clip(tensor([2], [-9, 9]), limits), limits).data]).toEqual([1, 1]);
  });

  test('passes no gradient', () => {
    const one = tensor([1], [1]);
    expect(gradientsOf(withinRangeOperator, [one], [one], { min: 0, max: 2 })).toEqual([null]);
  });

  test.each([
    [{ min: 2, max: 1 }, 'withinRange: min is 2, expected at most max, which is 1'],
    [{ min: NaN, max: 1 }, 'withinRange: min is NaN, expected a finite number'],
    [{ min: 0, max: Infinity }, 'withinRange: max is Infinity, expected a finite number'],
  ])('refuses the limits %j', (attributes, message) => {
    expect(() => withinRange(tensor([1], [1]), attributes)).toThrow(message);
  });
});
