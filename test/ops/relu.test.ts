import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relu, reluOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

checkOp(reluOperator, unaryCases(fc.constant({})), {
  oracle: elementwise((x) => Math.max(0, x)),
  tolerance: { float32: 0, float64: 0 },
  gradient: { cases: unaryCases(fc.constant({}), { offInteger: 0.01 }) },
});

describe('relu', () => {
  test('keeps what is positive, however small or large', () => {
    const data = tensor([6], [-Infinity, -1, -0, 1e-45, 1, Infinity]);
    expect([...relu(data).data]).toEqual([0, 0, 0, Math.fround(1e-45), 1, Infinity]);
  });

  test('keeps NaN, so that a broken layer shows', () => {
    expect([...relu(tensor([1], [NaN])).data]).toEqual([NaN]);
  });

  test('passes the gradient where the data is positive, and none at zeros of either sign', () => {
    const data = tensor([5], [-1, -0, 0, 1e-45, 2]);
    const [gradient] = gradientsOf(reluOperator, [data], [tensor([5], [3, 3, 3, 3, 3])]);
    expect([...gradient!.data]).toEqual([0, 0, 0, 3, 3]);
  });
});
