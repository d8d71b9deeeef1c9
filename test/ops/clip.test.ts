import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clip, clipOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

const limits = fc
  .tuple(fc.integer({ min: -12, max: 12 }), fc.integer({ min: 0, max: 12 }))
  .map(([low, width]) => ({ min: low / 4, max: (low + width) / 4 }));

/** Limits that values off the whole numbers keep away from. */
const wholeLimits = fc
  .tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 3 }))
  .map(([low, width]) => ({ min: low, max: low + width }));

checkOp(clipOperator, unaryCases(limits), {
  // The middle one of the value and the two limits.
  oracle: (inputs, { min, max }) => elementwise((x) => [min, x, max].sort((a, b) => a - b)[1]!)(inputs),
  tolerance: { float32: 0, float64: 0 },
  gradient: { cases: unaryCases(wholeLimits, { offInteger: 0.01 }) },
});

describe('clip', () => {
  test('limits both sides, infinities too, and keeps NaN', () => {
    const data = tensor([6], [-Infinity, -1, 0.5, 1, 7, NaN]);
    expect([...clip(data, { min: 0, max: 1 }).data]).toEqual([0, 0, 0.5, 1, 1, NaN]);
  });

  test('keeps the sign of a zero that is a limit itself', () => {
    expect([...clip(tensor([2], [0, -0]), { min: 0, max: 1 }).data]).toEqual([0, -0]);
    expect([...clip(tensor([2], [0, -0]), { min: -1, max: 0 }).data]).toEqual([0, -0]);
  });

  test.each([
    [{ min: 2, max: 1 }, 'clip: min is 2, expected at most max, which is 1'],
    [{ min: NaN, max: 1 }, 'clip: min is NaN, expected a finite number'],
    [{ min: 0, max: Infinity }, 'clip: max is Infinity, expected a finite number'],
  ])('refuses the limits %j', (attributes, message) => {
    expect(() => clip(tensor([1], [1]), attributes)).toThrow(message);
  });

  test('passes the gradient inside, at both limits, and where the data is NaN', () => {
    const data = tensor([6], [-0.1, 0, 0.5, 1, 1.1, NaN]);
    const head = tensor([6], [1, 2, 3, 4, 5, 6]);
    const [gradient] = gradientsOf(clipOperator, [data], [head], { min: 0, max: 1 });
    expect([...gradient!.data]).toEqual([0, 2, 3, 4, 0, 6]);
  });
});
