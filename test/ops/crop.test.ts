import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crop, type CropAttributes, cropOperator } from '../../src/ops/index.ts';
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

/** The window is drawn first; the data is made to hold it, with up to three pixels on each side. */
const cases: fc.Arbitrary<OperatorCase<CropAttributes>> = fc
  .record({
    data: sizes(2, 3),
    like: sizes(2, 3, 4, 4),
    before: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })),
    behind: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })),
  })
  .chain(({ data, like, before, behind }) =>
    fc.record({
      inputs: fc.tuple(
        values([...data, before[0] + like[2]! + behind[0], before[1] + like[3]! + behind[1]]),
        values(like),
      ),
      attributes: fc.constant<CropAttributes>({ offset: before }),
    }),
  );

checkOp(cropOperator, cases, {
  oracle: ([data, like], { offset }) => {
    const [top, left] = offset as readonly [number, number];
    const [N = 0, C = 0] = data!.shape;
    return build([N, C, ...like!.shape.slice(2)], (n = 0, c = 0, y = 0, x = 0) =>
      at(data!, n, c, y + top, x + left),
    );
  },
  tolerance: { float32: 0, float64: 0 },
});

describe('crop', () => {
  const data = tensor([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const like = (height: number, width: number) =>
    tensor([1, 1, height, width], new Float32Array(height * width));

  test('starts in the corner unless told otherwise', () => {
    expect([...crop(data, like(2, 2)).data]).toEqual([1, 2, 4, 5]);
    expect([...crop(data, like(2, 2), { offset: 1 }).data]).toEqual([5, 6, 8, 9]);
    expect([...crop(data, like(1, 2), { offset: [2, 0] }).data]).toEqual([7, 8]);
  });

  test.each([
    ['a window beyond the data', like(3, 3), 1, 'crop: a 3x3 window at offset 1, 1 reaches beyond data'],
    ['a negative offset', like(1, 1), -1, 'crop: offset is -1, expected whole numbers of at least 0'],
    ['another rank', tensor([1], [1]), 0, 'crop: like is 1, expected four axes'],
  ])('refuses %s', (_, window, offset, message) => {
    expect(() => crop(data, window, { offset })).toThrow(message);
  });

  test('passes the gradient to the window, and none to the map that it was measured by', () => {
    const head = tensor([1, 1, 1, 2], [5, 7]);
    const [inData, inLike] = gradientsOf(cropOperator, [data, like(1, 2)], [head], { offset: [1, 0] });
    expect([...inData!.data]).toEqual([0, 0, 0, 5, 7, 0, 0, 0, 0]);
    expect(inLike).toBe(null);
  });
});
