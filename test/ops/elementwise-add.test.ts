import { describe, expect, test } from 'vitest';
import { elementwiseAdd, elementwiseAddOperator } from '../../src/ops/index.ts';
import { broadcast, sameShapeCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(elementwiseAddOperator, sameShapeCases(), { oracle: broadcast((a, b) => a + b) });

describe('elementwiseAdd', () => {
  test('takes the sum of elements at the same place', () => {
    const result = elementwiseAdd(tensor([2, 2], [1, 2, 3, 4]), tensor([2, 2], [5, 6, 7, 8]));
    expect([...result.data]).toEqual([6, 8, 10, 12]);
  });

  test('refuses to repeat an axis, and says what does', () => {
    expect(() => elementwiseAdd(tensor([2], [1, 2]), tensor([1], [3]))).toThrow(
      'elementwiseAdd: rhs is 1, expected 2; broadcastAdd repeats axes of size 1',
    );
  });
});
