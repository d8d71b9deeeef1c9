import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sqrt, sqrtOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { checkOp, tensor } from './kit.ts';

/** Heron's iteration. */
function root(x: number): number {
  let guess = (1 + x) / 2;
  for (let k = 0; k < 40; k++) guess = (guess + x / guess) / 2;
  return guess;
}

checkOp(sqrtOperator, unaryCases(fc.constant({}), { min: 0.001, max: 100 }), { oracle: elementwise(root) });

describe('sqrt', () => {
  test('is exact for squares, and NaN below zero', () => {
    expect([...sqrt(tensor([4], [0, 9, 1e-10, -1])).data]).toEqual([0, 3, Math.fround(1e-5), NaN]);
  });
});
