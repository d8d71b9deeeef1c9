import { describe, expect, test } from 'vitest';
import { elementwiseMul, elementwiseMulOperator } from '../../src/ops/index.ts';
import { broadcast, sameShapeCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(elementwiseMulOperator, sameShapeCases(), { oracle: broadcast((a, b) => a * b) });

describe('elementwiseMul', () => {
  test('takes the product of elements at the same place', () => {
    const result = elementwiseMul(tensor([2, 2], [1, 2, 3, 4]), tensor([2, 2], [5, 6, 7, 8]));
    expect([...result.data]).toEqual([5, 12, 21, 32]);
  });

  test('refuses to repeat an axis, and says what does', () => {
    expect(() => elementwiseMul(tensor([2], [1, 2]), tensor([1], [3]))).toThrow(
      'elementwiseMul: rhs is 1, expected 2; broadcastMul repeats axes of size 1',
    );
  });
});
