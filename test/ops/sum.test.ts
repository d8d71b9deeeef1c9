import { describe, expect, test } from 'vitest';
import { sum, sumOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';
import { gather, reductionCases } from './reduction-cases.ts';

const total = (group: readonly number[]): number => group.reduce((a, b) => a + b, 0);

checkOp(sumOperator, reductionCases, { oracle: ([data], attributes) => gather(data!, attributes, total) });

describe('sum', () => {
  const data = tensor([2, 3], [1, 2, 3, 4, 5, 6]);

  test('over everything has shape (1)', () => {
    expect(sum(data).shape).toEqual([1]);
    expect([...sum(data).data]).toEqual([21]);
    expect(sum(tensor([], [7])).shape).toEqual([1]);
  });

  test('over rows, columns, and all but the columns', () => {
    expect([...sum(data, { axes: [0] }).data]).toEqual([5, 7, 9]);
    expect([...sum(data, { axes: [-1] }).data]).toEqual([6, 15]);
    expect([...sum(data, { axes: [1], exclude: true }).data]).toEqual([5, 7, 9]);
  });

  test('keeps axes on request', () => {
    expect(sum(data, { axes: [1], keepDims: true }).shape).toEqual([2, 1]);
    expect(sum(data, { keepDims: true }).shape).toEqual([1, 1]);
  });

  test('does not lose small numbers beside large ones on the way', () => {
    const mixed = tensor([4], [2 ** 24, 1, 1, -(2 ** 24)]);
    expect([...sum(mixed).data]).toEqual([2]);
  });

  test('over an empty axis is 0', () => {
    expect([...sum(tensor([2, 0], []), { axes: [1] }).data]).toEqual([0, 0]);
  });

  test.each([
    [[2], 'sum: axis is 2, expected a whole number from -2 to 1'],
    [[0, 0], 'sum: axes are [0, 0], expected each at most once'],
    [[1, -1], 'sum: axes are [1, -1], expected each at most once'],
  ])('refuses axes %j', (axes, message) => {
    expect(() => sum(data, { axes })).toThrow(message);
  });

  test('gives the gradient of a sum to every element of it', () => {
    const [gradient] = gradientsOf(sumOperator, [data], [tensor([2], [5, 7])], { axes: [1] });
    expect([...gradient!.data]).toEqual([5, 5, 5, 7, 7, 7]);
  });
});
