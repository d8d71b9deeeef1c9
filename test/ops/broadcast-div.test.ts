import { describe, expect, test } from 'vitest';
import { broadcastDiv, broadcastDivOperator } from '../../src/ops/index.ts';
import { broadcast, broadcastCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

checkOp(broadcastDivOperator, broadcastCases({ min: 0.25, max: 4 }), { oracle: broadcast((a, b) => a / b) });

describe('broadcastDiv', () => {
  test('one value a channel meets every pixel of the channel', () => {
    const data = tensor([1, 2, 1, 3], [8, 6, 4, 2, 12, 10]);
    const channel = tensor([1, 2, 1, 1], [2, 1]);
    expect([...broadcastDiv(data, channel).data]).toEqual([4, 3, 2, 2, 12, 10]);
  });

  test('a column and a row give their table', () => {
    const table = broadcastDiv(tensor([2, 1], [8, 4]), tensor([1, 3], [1, 2, 4]));
    expect(table.shape).toEqual([2, 3]);
    expect([...table.data]).toEqual([8, 4, 2, 4, 2, 1]);
  });

  test('a division by 0 gives infinities, and NaN for 0 / 0', () => {
    expect([...broadcastDiv(tensor([3], [1, -1, 0]), tensor([1], [0])).data]).toEqual([
      Infinity,
      -Infinity,
      NaN,
    ]);
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
    expect(() => broadcastDiv(zero(lhs), zero(rhs))).toThrow(`broadcastDiv: ${message}`);
  });

  test('has a gradient in float32 where the square of the divisor would overflow or vanish', () => {
    const [lhs, rhs] = [tensor([2], [1e25, 1e-25]), tensor([2], [1e25, 1e-25])];
    const [, gradient] = gradientsOf(broadcastDivOperator, [lhs, rhs], [tensor([2], [1, 1])]);
    expect(gradient!.data[0]! * 1e25).toBeCloseTo(-1, 5);
    expect(gradient!.data[1]! * 1e-25).toBeCloseTo(-1, 5);
  });
});
