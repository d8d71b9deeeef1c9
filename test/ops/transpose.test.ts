import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { transpose, type TransposeAttributes, transposeOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { shapes } from './arithmetic-cases.ts';

const cases: fc.Arbitrary<OperatorCase<TransposeAttributes>> = shapes.chain((shape) => {
  const all = shape.map((_, axis) => axis);
  const permutation = fc.shuffledSubarray(all, { minLength: all.length });
  return fc.record({
    inputs: fc.tuple(values(shape)),
    attributes: fc.oneof(
      fc.constant({}),
      permutation.map((axes) => ({ axes })),
      permutation.map((axes) => ({ axes: axes.map((axis) => axis - shape.length) })),
    ),
  });
});

checkOp(transposeOperator, cases, {
  oracle: ([data], { axes }) => {
    const rank = data!.shape.length;
    const all = data!.shape.map((_, axis) => axis);
    const order = axes.length === 0 ? all.toReversed() : axes.map((axis) => (axis + rank) % rank);
    return build(
      order.map((axis) => data!.shape[axis]!),
      (...index) => at(data!, ...all.map((axis) => index[order.indexOf(axis)]!)),
    );
  },
  tolerance: { float32: 0, float64: 0 },
});

describe('transpose', () => {
  test('turns rows into columns', () => {
    const turned = transpose(tensor([2, 3], [1, 2, 3, 4, 5, 6]));
    expect(turned.shape).toEqual([3, 2]);
    expect([...turned.data]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test.each([[[0, 0]], [[0]], [[0, 1, 1]]])('refuses axes %j of a matrix', (axes) => {
    expect(() => transpose(tensor([1, 2], [1, 2]), { axes })).toThrow(
      `transpose: axes are [${axes.join(', ')}], expected each of the 2 axes of data (1x2) once`,
    );
  });

  test('refuses an axis that does not exist', () => {
    expect(() => transpose(tensor([1, 2], [1, 2]), { axes: [0, 2] })).toThrow('transpose: axis is 2');
  });
});
