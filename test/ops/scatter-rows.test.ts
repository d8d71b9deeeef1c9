import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scatterRows, type ScatterRowsAttributes, scatterRowsOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, sizes, values } from '../../src/testing/index.ts';

const cases: fc.Arbitrary<OperatorCase<ScatterRowsAttributes>> = fc
  .tuple(fc.oneof(sizes(6), sizes(2, 3)), fc.oneof(fc.constant([]), sizes(4), sizes(2, 3)))
  .chain(([picked, row]) =>
    fc.record({
      inputs: fc.tuple(values([...picked, ...row]), values(picked, { min: -2, max: 6 })),
      attributes: fc.record({ rows: fc.integer({ min: 1, max: 5 }) }),
    }),
  );

checkOp(scatterRowsOperator, cases, {
  // Asks of every row and every index whether the one means the other; NaN means row 0.
  oracle: ([data, indices], { rows }) => {
    const row = data!.shape.slice(indices!.shape.length);
    const count = indices!.data.length;
    const flat = tensor([count, ...row], data!.data);
    const means = (i: number, r: number): boolean =>
      Math.min(Math.max(0, Math.floor(indices!.data[i]!) || 0), rows - 1) === r;
    return build([rows, ...row], (r, ...rest) => {
      let sum = 0;
      for (let i = 0; i < count; i++) if (means(i, r)) sum += at(flat, i, ...rest);
      return sum;
    });
  },
});

describe('scatterRows', () => {
  test('adds rows of one index, and leaves rows without index at 0', () => {
    const data = tensor([3, 2], [1, 2, 10, 20, 100, 200]);
    const result = scatterRows(data, tensor([3], [2, 0, 2]), { rows: 4 });
    expect(result.shape).toEqual([4, 2]);
    expect([...result.data]).toEqual([10, 20, 0, 0, 101, 202, 0, 0]);
  });

  test('reads an index as take does', () => {
    const ones = tensor([6], [1, 2, 4, 8, 16, 32]);
    const result = scatterRows(ones, tensor([6], [-0.5, 1.9, -7, 99, Infinity, NaN]), { rows: 3 });
    expect([...result.data]).toEqual([1 + 4 + 32, 2, 8 + 16]);
  });

  test('does not lose small numbers beside large ones on the way', () => {
    const data = tensor([4], [2 ** 24, 1, 1, -(2 ** 24)]);
    expect([...scatterRows(data, tensor([4], [0, 0, 0, 0]), { rows: 1 }).data]).toEqual([2]);
  });

  test('puts one row where an index without axes says, and none where there are no indices', () => {
    expect([...scatterRows(tensor([2], [1, 2]), tensor([], [1]), { rows: 2 }).data]).toEqual([0, 0, 1, 2]);
    expect([...scatterRows(tensor([0, 2], []), tensor([0], []), { rows: 1 }).data]).toEqual([0, 0]);
    expect(scatterRows(tensor([0, 2], []), tensor([0], []), { rows: 0 }).shape).toEqual([0, 2]);
  });

  test.each([
    ['no row to put something in', [2], [2], 0, 'rows is 0, expected a whole number of at least 1'],
    ['no row for a single index', [1], [1], 0, 'rows is 0, expected a whole number of at least 1'],
    ['data of other indices', [3, 2], [2], 1, 'data is 3x2, expected the axes of indices (2) in front'],
    ['data of fewer axes than the indices', [2], [2, 1], 1, 'data is 2, expected the axes of indices (2x1)'],
  ])('refuses %s', (_, data, indices, rows, message) => {
    const zero = (shape: number[]) => tensor(shape, new Float32Array(shape.reduce((a, b) => a * b)));
    expect(() => scatterRows(zero(data), zero(indices), { rows })).toThrow(`scatterRows: ${message}`);
  });
});
