import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tile, type TileAttributes, tileOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { shapes } from './arithmetic-cases.ts';

const cases: fc.Arbitrary<OperatorCase<TileAttributes>> = shapes.chain((shape) =>
  fc.record({
    inputs: fc.tuple(values(shape)),
    attributes: fc.record({ reps: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 5 }) }),
  }),
);

checkOp(tileOperator, cases, {
  oracle: ([data], { reps }) => {
    const rank = Math.max(data!.shape.length, reps.length);
    const entry = (list: readonly number[], axis: number): number => list[axis - rank + list.length] ?? 1;
    const shape = Array.from({ length: rank }, (_, axis) => entry(data!.shape, axis) * entry(reps, axis));
    return build(shape, (...index) =>
      at(data!, ...index.slice(rank - data!.shape.length).map((i, axis) => i % data!.shape[axis]!)),
    );
  },
  tolerance: { float32: 0, float64: 0 },
});

describe('tile', () => {
  test('repeats the whole, not each element', () => {
    expect([...tile(tensor([1, 2], [1, 2]), { reps: [2, 2] }).data]).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
  });

  test('gets ones in front of whichever list is shorter', () => {
    expect(tile(tensor([2, 3], [1, 2, 3, 4, 5, 6]), { reps: [2] }).shape).toEqual([2, 6]);
    expect(tile(tensor([2], [1, 2]), { reps: [3, 1, 1] }).shape).toEqual([3, 1, 2]);
  });

  test.each([0, -1, 1.5])('refuses %s repetitions', (times) => {
    expect(() => tile(tensor([1], [1]), { reps: [2, times] })).toThrow(
      `tile: reps[1] is ${times}, expected a whole number of at least 1`,
    );
  });
});
