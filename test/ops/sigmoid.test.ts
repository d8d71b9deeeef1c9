import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sigmoid, sigmoidOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(sigmoidOperator, unaryCases(fc.constant({}), { min: -20, max: 20 }), {
  oracle: elementwise((x) => (1 + Math.tanh(x / 2)) / 2),
});

describe('sigmoid', () => {
  test('is a half at zero and saturates without NaN', () => {
    const far = sigmoid(tensor([5], [0, -1000, 1000, -Infinity, Infinity]));
    expect([...far.data]).toEqual([0.5, 0, 1, 0, 1]);
  });

  test('keeps NaN', () => {
    expect([...sigmoid(tensor([1], [NaN])).data]).toEqual([NaN]);
  });
});
