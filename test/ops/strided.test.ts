import { expect, test } from 'vitest';
import { copyElements, eachRow, type Layout, repeating, type Row, rowMajor } from '../../src/ops/strided.ts';

function rows(shape: number[], left: Layout, right: Layout): Row[] {
  const list: Row[] = [];
  eachRow(shape, left, right, (row) => list.push(row));
  return list;
}

test('two contiguous arrays are one row, however many axes they have', () => {
  const layout = rowMajor([2, 3, 4]);
  expect(rows([2, 3, 4], layout, layout)).toEqual([
    { start: 0, length: 24, left: 0, leftStep: 1, right: 0, rightStep: 1 },
  ]);
});

test('a value for each channel repeats over joined pixels', () => {
  expect(rows([1, 2, 3, 4], rowMajor([1, 2, 3, 4]), repeating([1, 2, 1, 1]))).toEqual([
    { start: 0, length: 12, left: 0, leftStep: 1, right: 0, rightStep: 0 },
    { start: 12, length: 12, left: 12, leftStep: 1, right: 1, rightStep: 0 },
  ]);
});

test('an axis of one element parts no row, however far its neighbour would be', () => {
  const left = { offset: 0, strides: [4, 99, 1] };
  expect(rows([3, 1, 4], left, rowMajor([3, 1, 4]))).toEqual([
    { start: 0, length: 12, left: 0, leftStep: 1, right: 0, rightStep: 1 },
  ]);
});

test('a shape without axes is one element, an empty one is none', () => {
  expect(rows([], rowMajor([]), rowMajor([]))).toEqual([
    { start: 0, length: 1, left: 0, leftStep: 0, right: 0, rightStep: 0 },
  ]);
  expect(rows([2, 0], rowMajor([2, 0]), rowMajor([2, 0]))).toEqual([]);
});

test('long and short rows are copied alike, forwards and backwards', () => {
  for (const length of [3, 100]) {
    const from = Float32Array.from({ length: 2 * length }, (_, i) => i);
    const to = new Float32Array(2 * length);
    const reversed = { offset: 2 * length - 1, strides: [-length, -1] };
    copyElements([2, length], to, rowMajor([2, length]), from, rowMajor([2, length]));
    expect(to).toEqual(from);
    copyElements([2, length], to, reversed, from, rowMajor([2, length]));
    expect(to).toEqual(from.toReversed());
    const column = { offset: 0, strides: [1, 2] };
    copyElements([2, length], to, rowMajor([2, length]), from, column);
    expect(to.slice(0, 3)).toEqual(Float32Array.of(0, 2, 4));
    copyElements([2, length], to, rowMajor([2, length]), from, { offset: 1, strides: [length, 0] });
    expect(to).toEqual(Float32Array.from(from, (_, i) => (i < length ? 1 : length + 1)));
    // Into one place: the last element stays.
    copyElements([2, length], to, { offset: 0, strides: [1, 0] }, from, rowMajor([2, length]));
    expect(to.slice(0, 3)).toEqual(Float32Array.of(length - 1, 2 * length - 1, 1));
  }
});
