import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slice, type SliceAttributes, sliceOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { shapes } from './arithmetic-cases.ts';

const bound = fc.oneof(fc.constant(null), fc.integer({ min: -9, max: 9 }));
const stride = fc.constantFrom(null, 1, 1, 2, 3, -1, -2, -5);

const cases: fc.Arbitrary<OperatorCase<SliceAttributes>> = shapes
  .chain((shape) => fc.tuple(fc.constant(shape), fc.integer({ min: 0, max: shape.length })))
  .chain(([shape, n]) => {
    const list = <T>(entry: fc.Arbitrary<T>) => fc.array(entry, { minLength: n, maxLength: n });
    return fc.record({
      inputs: fc.tuple(values(shape)),
      attributes: fc.record(
        { begin: list(bound), end: list(bound), step: list(stride) },
        { requiredKeys: ['begin', 'end'] },
      ),
    });
  });

/** The positions of Python's `range(size)[begin:end:step]`: all positions in the direction of the step, sifted. */
function kept(size: number, begin: number | null, end: number | null, step: number): number[] {
  const fromFront = (i: number): number => (i < 0 ? i + size : i);
  const all = Array.from({ length: size }, (_, i) => (step > 0 ? i : size - 1 - i));
  const behind = (i: number, j: number): boolean => (step > 0 ? i >= j : i <= j);
  return all
    .filter((i) => begin === null || behind(i, fromFront(begin)))
    .filter((i) => end === null || !behind(i, fromFront(end)))
    .filter((_, k) => k % Math.abs(step) === 0);
}

checkOp(sliceOperator, cases, {
  oracle: ([data], { begin, end, step }) => {
    const lists = data!.shape.map((size, a) => kept(size, begin[a] ?? null, end[a] ?? null, step[a] ?? 1));
    return build(
      lists.map(({ length }) => length),
      (...index) => at(data!, ...index.map((i, axis) => lists[axis]![i]!)),
    );
  },
  tolerance: { float32: 0, float64: 0 },
});

describe('slice', () => {
  const row = tensor([5], [0, 1, 2, 3, 4]);

  test.each([
    ['a reversed axis', [null], [null], [-1], [4, 3, 2, 1, 0]],
    ['a negative end', [1], [-1], [1], [1, 2, 3]],
    ['bounds beyond the axis', [-99], [99], [2], [0, 2, 4]],
    ['a backward step down to the first', [3], [null], [-2], [3, 1]],
    ['nothing', [3], [1], [1], []],
  ])('gives %s', (_, begin, end, step, expected) => {
    expect([...slice(row, { begin, end, step }).data]).toEqual(expected);
  });

  test('keeps axes behind the listed ones whole', () => {
    expect(slice(tensor([2, 3], [1, 2, 3, 4, 5, 6]), { begin: [1], end: [2] }).shape).toEqual([1, 3]);
  });

  test('refuses one step for two axes', () => {
    const data = tensor([2, 2], [1, 2, 3, 4]);
    expect(() => slice(data, { begin: [0, 0], end: [1, 1], step: [1] })).toThrow('have 2, 2 and 1 entries');
  });

  test.each([
    [{ begin: [0, 0], end: [1, 1] }, 'slice: begin has 2 entries, data has only 1 axes'],
    [{ begin: [0], end: [] }, 'slice: begin, end and step have 1, 0 and 0 entries, expected as many'],
    [{ begin: [0], end: [1], step: [1, 1] }, 'slice: begin, end and step have 1, 1 and 2 entries'],
    [{ begin: [0], end: [1], step: [0] }, 'slice: step is 0 on axis 0'],
    [{ begin: [0.5], end: [1] }, 'slice: 0.5 is not a whole number or null'],
  ])('refuses %j', (attributes, message) => {
    expect(() => slice(row, attributes)).toThrow(message);
  });
});
