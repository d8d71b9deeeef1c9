import { describe, expect, test } from 'vitest';
import { broadcastAdd, broadcastAddOperator } from '../../src/ops/index.ts';
import { broadcast, broadcastCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(broadcastAddOperator, broadcastCases(), { oracle: broadcast((a, b) => a + b) });

describe('broadcastAdd', () => {
  test('one value a channel meets every pixel of the channel', () => {
    const data = tensor([1, 2, 1, 3], [8, 6, 4, 2, 12, 10]);
    const channel = tensor([1, 2, 1, 1], [2, 1]);
    expect([...broadcastAdd(data, channel).data]).toEqual([10, 8, 6, 3, 13, 11]);
  });

  test('a column and a row give their table', () => {
    const table = broadcastAdd(tensor([2, 1], [8, 4]), tensor([1, 3], [1, 2, 4]));
    expect(table.shape).toEqual([2, 3]);
    expect([...table.data]).toEqual([9, 10, 12, 5, 6, 8]);
  });

  test('rounds once, to float32', () => {
    const [a, b] = [tensor([1], [16777216]), tensor([1], [1])];
    expect([...broadcastAdd(a, b).data]).toEqual([16777216]);
  });

  test('gives an empty tensor for an empty one', () => {
    expect(broadcastAdd(tensor([0, 3], []), tensor([1, 3], [1, 2, 3])).shape).toEqual([0, 3]);
  });

  test('adds scalars without axes', () => {
    expect([...broadcastAdd(tensor([], [1]), tensor([], [2])).data]).toEqual([3]);
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
    expect(() => broadcastAdd(zero(lhs), zero(rhs))).toThrow(`broadcastAdd: ${message}`);
  });
});
