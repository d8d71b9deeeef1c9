import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reshape, type ReshapeAttributes, reshapeOperator } from '../../src/ops/index.ts';
import { type Shape, type Tensor, tensor } from '../../src/tensor/index.ts';
import { checkOp, type OperatorCase, values } from '../../src/testing/index.ts';

/** A few axes of the data, the codes that read them, and the sizes that must come out. */
interface Piece {
  readonly data: Shape;
  readonly codes: readonly number[];
  readonly sizes: Shape;
}

const size = fc.integer({ min: 1, max: 4 });
const piece: fc.Arbitrary<Piece> = fc.oneof(
  size.map((n) => ({ data: [n], codes: [0], sizes: [n] })),
  size.map((n) => ({ data: [n], codes: [n], sizes: [n] })),
  fc.tuple(size, size).map(([a, b]) => ({ data: [a, b], codes: [-3], sizes: [a * b] })),
  fc.tuple(size, size).map(([a, b]) => ({ data: [a * b], codes: [-4, a, b], sizes: [a, b] })),
  fc.tuple(size, size).map(([a, b]) => ({ data: [a * b], codes: [-4, -1, b], sizes: [a, b] })),
  fc.tuple(size, size).map(([a, b]) => ({ data: [a * b], codes: [-4, a, -1], sizes: [a, b] })),
);
const rest: fc.Arbitrary<Piece> = fc.oneof(
  fc.constant({ data: [], codes: [], sizes: [] }),
  fc.tuple(size, size).map(([a, b]) => ({ data: [a, b], codes: [-2], sizes: [a, b] })),
  fc.tuple(size, size).map(([a, b]) => ({ data: [a, b], codes: [-1], sizes: [a * b] })),
  fc.tuple(size, size).map(([a, b]) => ({ data: [a, b], codes: [b, a], sizes: [b, a] })),
);

/** What must come out of a case, known by how it was put together. */
const expectedShape = new WeakMap<readonly number[], Shape>();

const cases: fc.Arbitrary<OperatorCase<ReshapeAttributes>> = fc
  .tuple(fc.array(piece, { maxLength: 2 }), rest, fc.boolean())
  .filter(([pieces, last]) => pieces.length + last.data.length > 0)
  .chain(([pieces, last, reverse]) => {
    const all = [...pieces, last];
    const turned = (list: readonly number[]): readonly number[] => (reverse ? list.toReversed() : list);
    const shape = turned(all.flatMap(({ codes }) => codes));
    expectedShape.set(shape, turned(all.flatMap(({ sizes }) => sizes)));
    return fc.record({
      inputs: fc.tuple(values(turned(all.flatMap(({ data }) => data)))),
      attributes: fc.constant(reverse ? { shape, reverse } : { shape }),
    });
  });

checkOp(reshapeOperator, cases, {
  skip: { edges: 'the oracle knows the shapes by how they were put together; see the tests of empty data' },
  oracle: ([data], { shape }): Tensor => ({ ...data!, shape: expectedShape.get(shape)! }),
  tolerance: { float32: 0, float64: 0 },
});

describe('reshape', () => {
  const zero = (...shape: number[]) => tensor(shape, new Float32Array(shape.reduce((a, b) => a * b)));

  test.each([
    ['the anchors of the RPN beside each other', [1, 18, 3, 5], [0, 2, -1, 0], false, [1, 2, 27, 5]],
    ['and back', [1, 2, 27, 5], [0, 18, -1, 0], false, [1, 18, 3, 5]],
    ['a size consumes an axis, so that −2 copies what is behind it', [6, 3, 4], [3, 6, -2], false, [3, 6, 4]],
    ['0 is the axis at the same place from the front', [10, 5, 4], [-1, 0], false, [40, 5]],
    ['or from the back', [10, 5, 4], [-1, 0], true, [50, 4]],
    ['−1 is inferred behind a split too', [6, 4, 5], [-4, 2, 3, -1], false, [2, 3, 20]],
    ['an empty tensor keeps its zero', [2, 0], [0, 0], false, [2, 0]],
    ['an empty axis is split into none of something', [0, 3], [-4, 0, 5, 3], false, [0, 5, 3]],
    ['an axis may be split into itself and one', [6], [-4, 6, 1], false, [6, 1]],
  ] as const)('%s', (_, shape, codes, reverse, expected) => {
    expect(reshape(zero(...shape), { shape: codes, reverse }).shape).toEqual(expected);
  });

  test.each([
    [
      'another number of elements',
      [2, 3],
      [4],
      'data has 6 elements, the new shape 4 has 4 (data 2x3, shape [4])',
    ],
    ['a size that cannot be inferred', [2, 3], [4, -1], 'the size for -1 is 6 / 4'],
    ['two unknown sizes', [2, 3], [-1, -1], '-1 appears twice'],
    ['a copied axis that is not there', [2, 3], [2, 3, 0], 'code 0 finds no axis of data left'],
    ['a merge of one axis', [2, 3], [0, -3], 'code -3 finds no axis of data left'],
    ['a split that does not divide', [6], [-4, 4, -1], 'an axis of size 6 cannot be cut into 4 x -1'],
    ['a split into two unknowns', [6], [-4, -1, -1], 'an axis of size 6 cannot be cut into -1 x -1'],
    ['a split without sizes', [6], [-4, 2], 'code -4 is not followed by two sizes'],
    ['an unknown code', [6], [-5], '-5 is not a size or a code from -4 to 0'],
    ['half a size', [6], [1.5, 4], '1.5 is not a size'],
  ])('refuses %s', (_, shape, codes, message) => {
    expect(() => reshape(zero(...shape), { shape: codes })).toThrow(`reshape: ${message}`);
  });
});
