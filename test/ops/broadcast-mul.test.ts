import { describe, expect, test } from 'vitest';
import { broadcastMul, broadcastMulOperator } from '../../src/ops/index.ts';
import { broadcast, broadcastCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

checkOp(broadcastMulOperator, broadcastCases(), { oracle: broadcast((a, b) => a * b) });

describe('broadcastMul', () => {
  test('one value a channel meets every pixel of the channel', () => {
    const data = tensor([1, 2, 1, 3], [8, 6, 4, 2, 12, 10]);
    const channel = tensor([1, 2, 1, 1], [2, 1]);
    expect([...broadcastMul(data, channel).data]).toEqual([16, 12, 8, 2, 12, 10]);
  });

  test('a column and a row give their table', () => {
    const table = broadcastMul(tensor([2, 1], [8, 4]), tensor([1, 3], [1, 2, 4]));
    expect(table.shape).toEqual([2, 3]);
    expect([...table.data]).toEqual([8, 16, 32, 4, 8, 16]);
  });

  test.each([
    [
      'sizes that differ and are not 1',
      [2, 3],
      [2, 4],
      'axis 1 has size 3 in lhs and 4 in rhs (lhs 2x3, rhs 2x4)',
    ],
    ['ranks that differ', [2, 3], [3], 'lhs has 2 axes, rhs has 1'],
  ])('refuses %s', (_, lhs, rhs, message) => {
    const zero = (shape: number[]) => tensor(shape, new Float32Array(shape.reduce((a, b) => a * b)));
    expect(() => broadcastMul(zero(lhs), zero(rhs))).toThrow(`broadcastMul: ${message}`);
  });

  test('adds up the gradient over an axis that repeated', () => {
    const [column, row] = [tensor([2, 1], [8, 4]), tensor([1, 3], [1, 2, 4])];
    const head = tensor([2, 3], [1, 1, 1, 0, 0, 2]);
    const gradients = gradientsOf(broadcastMulOperator, [column, row], [head]);
    expect(gradients.map((gradient) => [...gradient!.data])).toEqual([
      [7, 8],
      [8, 8, 16],
    ]);
  });
});
