import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sqrt, sqrtOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

/** Heron's iteration. */
function root(x: number): number {
  if (x === Infinity) return x;
  let guess = (1 + x) / 2;
  for (let k = 0; k < 40; k++) guess = (guess + x / guess) / 2;
  return guess;
}

checkOp(sqrtOperator, unaryCases(fc.constant({}), { min: 0.001, max: 100 }), {
  oracle: elementwise(root),
  // Nearer to 0 it bends too much for central differences.
  gradient: { cases: unaryCases(fc.constant({}), { min: 0.1, max: 100 }) },
});

describe('sqrt', () => {
  test('is exact for squares, and NaN below zero', () => {
    expect([...sqrt(tensor([4], [0, 9, 1e-10, -1])).data]).toEqual([0, 3, Math.fround(1e-5), NaN]);
  });

  test('has an infinite slope at zero', () => {
    const [gradient] = gradientsOf(sqrtOperator, [tensor([2], [0, 4])], [tensor([2], [1, 1])]);
    expect([...gradient!.data]).toEqual([Infinity, 0.25]);
  });
});
