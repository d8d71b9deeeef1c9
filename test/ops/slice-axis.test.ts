import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sliceAxis, type SliceAxisAttributes, sliceAxisOperator } from '../../src/ops/index.ts';
import { tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { shapes } from './arithmetic-cases.ts';

/** A stretch, with each of its three numbers now and then counted from the back or left to the default. */
const cases: fc.Arbitrary<OperatorCase<SliceAxisAttributes>> = shapes
  .chain((shape) => fc.tuple(fc.constant(shape), fc.nat({ max: shape.length - 1 })))
  .chain(([shape, axis]) =>
    fc.tuple(fc.constant(shape), fc.constant(axis), fc.nat({ max: shape[axis]! - 1 }), fc.boolean()),
  )
  .chain(([shape, axis, begin, back]) => {
    const size = shape[axis]!;
    return fc.record({
      inputs: fc.tuple(values(shape)),
      attributes: fc.record({
        axis: fc.constant(back ? axis - shape.length : axis),
        begin: fc.constant(back ? begin - size : begin),
        end: fc
          .integer({ min: begin + 1, max: size })
          .map((end) => (end === size ? null : back ? end - size : end)),
      }),
    });
  });

checkOp(sliceAxisOperator, cases, {
  oracle: ([data], { axis, begin, end }) => {
    const cut = axis < 0 ? axis + data!.shape.length : axis;
    const positions = Array.from({ length: data!.shape[cut]! }, (_, i) => i).slice(begin, end ?? undefined);
    return build(data!.shape.with(cut, positions.length), (...index) =>
      at(data!, ...index.with(cut, positions[index[cut]!]!)),
    );
  },
  tolerance: { float32: 0, float64: 0 },
});

describe('sliceAxis', () => {
  test('keeps the second half of the channels', () => {
    const data = tensor([1, 4, 1], [1, 2, 3, 4]);
    expect([...sliceAxis(data, { axis: 1, begin: 2 }).data]).toEqual([3, 4]);
  });

  test('takes the whole of an empty axis, but nothing of one that has elements', () => {
    expect(sliceAxis(zeros([2, 0]), { axis: 1 }).shape).toEqual([2, 0]);
    expect(sliceAxis(zeros([2, 0]), { axis: 1, begin: 0, end: 0 }).shape).toEqual([2, 0]);
    expect(() => sliceAxis(zeros([1]), { axis: 0, begin: 0, end: 0 })).toThrow(
      'begin 0 to end 0 is no part of axis 0 of 1',
    );
  });

  test.each([
    ['an end beyond the axis', { axis: 0, end: 4 }],
    ['a begin before the axis', { axis: 0, begin: -4 }],
    ['an empty stretch', { axis: 0, begin: 1, end: 1 }],
    ['half positions', { axis: 0, begin: 0.5 }],
  ])('refuses %s', (_, attributes) => {
    expect(() => sliceAxis(tensor([3, 1], [1, 2, 3]), attributes)).toThrow(
      'is no part of axis 0 of 3x1, expected 0 ≤ begin < end ≤ 3',
    );
  });
});
