import { describe, expect, test } from 'vitest';
import { elementwiseSub, elementwiseSubOperator } from '../../src/ops/index.ts';
import { broadcast, sameShapeCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(elementwiseSubOperator, sameShapeCases(), { oracle: broadcast((a, b) => a - b) });

describe('elementwiseSub', () => {
  test('takes the difference of elements at the same place', () => {
    const result = elementwiseSub(tensor([2, 2], [1, 2, 3, 4]), tensor([2, 2], [5, 6, 7, 8]));
    expect([...result.data]).toEqual([-4, -4, -4, -4]);
  });

  test('refuses to repeat an axis, and says what does', () => {
    expect(() => elementwiseSub(tensor([2], [1, 2]), tensor([1], [3]))).toThrow(
      'elementwiseSub: rhs is 1, expected 2; broadcastSub repeats axes of size 1',
    );
  });
});
