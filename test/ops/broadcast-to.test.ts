import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { broadcastTo, type BroadcastToAttributes, broadcastToOperator } from '../../src/ops/index.ts';
import { shapes } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';

/** Any shape, some of whose axes shrink to 1 in the data. */
const cases: fc.Arbitrary<OperatorCase<BroadcastToAttributes>> = shapes
  .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, axis) => axis))))
  .chain(([shape, shrunk]) =>
    fc.record({
      inputs: fc.tuple(values(shape.map((size, axis) => (shrunk.includes(axis) ? 1 : size)))),
      attributes: fc.constant({ shape }),
    }),
  );

checkOp(broadcastToOperator, cases, {
  oracle: ([data], { shape }) =>
    build(shape, (...index) => at(data!, ...index.map((i, axis) => i % data!.shape[axis]!))),
  tolerance: { float32: 0, float64: 0 },
});

describe('broadcastTo', () => {
  test('repeats a column, and a row', () => {
    expect([...broadcastTo(tensor([2, 1], [1, 2]), { shape: [2, 2] }).data]).toEqual([1, 1, 2, 2]);
    expect([...broadcastTo(tensor([1, 2], [1, 2]), { shape: [2, 2] }).data]).toEqual([1, 2, 1, 2]);
  });

  test('repeats no times at all, and a scalar once', () => {
    expect(broadcastTo(tensor([1, 2], [1, 2]), { shape: [0, 2] }).shape).toEqual([0, 2]);
    expect([...broadcastTo(tensor([], [7]), { shape: [] }).data]).toEqual([7]);
  });

  test.each([
    ['a size that would change', [2, 3], [2, 6], 'data 2x3 does not repeat to 2x6'],
    ['another rank', [3], [2, 3], 'data 3 does not repeat to 2x3'],
    ['a negative size', [1], [-1], 'shape[0] is -1, expected a whole number of at least 0'],
  ])('refuses %s', (_, from, shape, message) => {
    const data = tensor(from, new Float32Array(from.reduce((a, b) => a * b)));
    expect(() => broadcastTo(data, { shape })).toThrow(`broadcastTo: ${message}`);
  });
});
