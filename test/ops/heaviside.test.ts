import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heaviside, heavisideOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

checkOp(heavisideOperator, unaryCases(fc.constant({})), {
  oracle: elementwise((x) => Math.max(0, Math.sign(x)) || 0),
  tolerance: { float32: 0, float64: 0 },
});

describe('heaviside', () => {
  test('counts zeros of both signs, and NaN, as not positive', () => {
    const data = tensor([7], [-Infinity, -1, -0, 0, 1e-45, Infinity, NaN]);
    expect([...heaviside(data).data]).toEqual([0, 0, 0, 0, 1, 1, 0]);
  });

  test('passes no gradient', () => {
    expect(gradientsOf(heavisideOperator, [tensor([1], [1])], [tensor([1], [1])])).toEqual([null]);
  });
});
