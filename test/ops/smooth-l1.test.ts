import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { smoothL1, smoothL1Operator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { checkOp, tensor } from './kit.ts';

checkOp(smoothL1Operator, unaryCases(fc.constantFrom({}, { sigma: 3 }, { sigma: 0.5 })), {
  // The largest of all tangents p · x − p² / (2 σ²) with slope |p| ≤ 1.
  oracle: (inputs, { sigma }) =>
    elementwise((x) => {
      const p = Math.max(-1, Math.min(1, sigma ** 2 * x));
      return p * x - p ** 2 / (2 * sigma ** 2);
    })(inputs),
});

describe('smoothL1', () => {
  test('is half a square inside, a line outside, and both give a half where they meet', () => {
    const data = tensor([6], [0, 0.5, -1, 1, 3, -3]);
    expect([...smoothL1(data).data]).toEqual([0, 0.125, 0.5, 0.5, 2.5, 2.5]);
  });

  test('keeps NaN', () => {
    expect([...smoothL1(tensor([1], [NaN])).data]).toEqual([NaN]);
  });

  test.each([0, -1])('refuses sigma %s', (sigma) => {
    expect(() => smoothL1(tensor([1], [1]), { sigma })).toThrow(
      `smoothL1: sigma is ${sigma}, expected a number above 0`,
    );
  });
});
