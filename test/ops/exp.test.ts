import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp, expOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

/** The power series, on the side where all its terms are positive. */
function series(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; k < 60; k++) sum += term *= Math.abs(x) / k;
  return x < 0 ? 1 / sum : sum;
}

checkOp(expOperator, unaryCases(fc.constant({})), { oracle: elementwise(series) });

describe('exp', () => {
  test('is 1 at zero, vanishes far below and overflows far above', () => {
    expect([...exp(tensor([4], [0, -200, 89, NaN])).data]).toEqual([1, 0, Infinity, NaN]);
  });
});
