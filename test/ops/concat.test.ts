import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, type ConcatAttributes, concatOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { shapes } from './arithmetic-cases.ts';

/** One to four tensors, equal but for their sizes on one axis. */
const cases: fc.Arbitrary<OperatorCase<ConcatAttributes>> = shapes
  .chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.integer({ min: -shape.length, max: shape.length - 1 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
    ),
  )
  .chain(([shape, axis, parts]) =>
    fc.record({
      inputs: fc.tuple(...parts.map((size) => values(shape.with(axis, size)))),
      attributes: fc.constant({ axis }),
    }),
  );

checkOp(concatOperator, cases, {
  // Each element is looked for in one input after the other.
  oracle: (inputs, { axis }) => {
    const grown = axis < 0 ? axis + inputs[0]!.shape.length : axis;
    const total = inputs.reduce((sum, { shape }) => sum + shape[grown]!, 0);
    return build(inputs[0]!.shape.with(grown, total), (...index) => {
      let i = index[grown]!;
      let k = 0;
      while (i >= inputs[k]!.shape[grown]!) i -= inputs[k++]!.shape[grown]!;
      return at(inputs[k]!, ...index.with(grown, i));
    });
  },
  tolerance: { float32: 0, float64: 0 },
});

describe('concat', () => {
  test('joins channels unless told otherwise', () => {
    const [a, b] = [tensor([1, 1, 2], [1, 2]), tensor([1, 2, 2], [3, 4, 5, 6])];
    const joined = concat([a, b]);
    expect(joined.shape).toEqual([1, 3, 2]);
    expect([...joined.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('interleaves blocks when the axis is not the first', () => {
    const [a, b] = [tensor([2, 1], [1, 2]), tensor([2, 2], [3, 4, 5, 6])];
    expect([...concat([a, b]).data]).toEqual([1, 3, 4, 2, 5, 6]);
  });

  test.each([
    [
      'other sizes that differ',
      [
        [1, 2, 3],
        [1, 2, 4],
      ],
      'concat: input 1 is 1x2x4, expected the sizes of input 0 (1x2x3)',
    ],
    [
      'ranks that differ',
      [
        [1, 2],
        [1, 2, 1],
      ],
      'concat: input 1 is 1x2x1, expected the sizes of input 0 (1x2)',
    ],
    ['a missing axis', [[2], [2]], 'concat: axis is 1, expected a whole number from -1 to 0'],
    ['nothing', [], 'concat: got 0 inputs, expected at least one'],
  ])('refuses %s', (_, list, message) => {
    const zero = (shape: number[]) => tensor(shape, new Float32Array(shape.reduce((a, b) => a * b)));
    expect(() => concat(list.map(zero))).toThrow(message);
  });
});
