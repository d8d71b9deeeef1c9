import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { take, takeOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import {
  at,
  build,
  checkOp,
  gradientsOf,
  type OperatorCase,
  sizes,
  values,
} from '../../src/testing/index.ts';
import { shapes } from './arithmetic-cases.ts';

const cases: fc.Arbitrary<OperatorCase<object>> = fc
  .tuple(shapes, fc.oneof(sizes(6), sizes(2, 3)))
  .chain(([shape, picked]) =>
    fc.record({
      inputs: fc.tuple(values(shape), values(picked, { min: -9, max: 9 })),
      attributes: fc.constant({}),
    }),
  );

checkOp(takeOperator, cases, {
  // Counts rows up for as long as the index reaches the next one.
  oracle: ([a, indices]) => {
    const split = indices!.shape.length;
    return build([...indices!.shape, ...a!.shape.slice(1)], (...index) => {
      let row = 0;
      while (row + 1 < a!.shape[0]! && row + 1 <= at(indices!, ...index.slice(0, split))) row++;
      return at(a!, row, ...index.slice(split));
    });
  },
  tolerance: { float32: 0, float64: 0 },
});

describe('take', () => {
  const rows = tensor([3, 2], [10, 11, 20, 21, 30, 31]);

  test('drops fractions towards zero and limits indices to the rows there are', () => {
    const picked = take(rows, tensor([6], [-0.5, 1.9, -7, 99, Infinity, NaN]));
    expect([...picked.data]).toEqual([10, 11, 20, 21, 10, 11, 30, 31, 30, 31, 10, 11]);
  });

  test('takes one row by an index without axes', () => {
    const row = take(rows, tensor([], [1]));
    expect(row.shape).toEqual([2]);
    expect([...row.data]).toEqual([20, 21]);
  });

  test('takes nothing from a tensor without rows', () => {
    expect(take(tensor([0, 2], []), tensor([0], [])).shape).toEqual([0, 2]);
  });

  test.each([
    ['a scalar', tensor([], [1]), 'take: a is scalar, expected at least one axis'],
    ['a tensor without rows', tensor([0, 2], []), 'take: a is 0x2, which has no rows to choose from'],
  ])('refuses %s', (_, a, message) => {
    expect(() => take(a, tensor([1], [0]))).toThrow(message);
  });

  test('adds the gradients of a row that was taken twice, and passes none to the indices', () => {
    const head = tensor([3, 2], [1, 2, 10, 20, 100, 200]);
    const [inRows, inIndices] = gradientsOf(takeOperator, [rows, tensor([3], [2.9, -1, 2])], [head]);
    expect([...inRows!.data]).toEqual([10, 20, 0, 0, 101, 202]);
    expect(inIndices).toBe(null);
  });
});
