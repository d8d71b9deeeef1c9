import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestOverlaps, boxOverlaps } from '../../src/ops/index.ts';
import { tensor, zeros } from '../../src/tensor/index.ts';

const pixel = fc.integer({ min: 0, max: 8 });
const pixelBox = fc
  .tuple(pixel, pixel, pixel, pixel)
  .map(([a, b, c, d]) => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)] as const);

describe('boxOverlaps', () => {
  test('counts pixels of both over pixels of either', () => {
    fc.assert(
      fc.property(pixelBox, pixelBox, (a, b) => {
        let [both, either] = [0, 0];
        const covers = (box: typeof a, x: number, y: number): boolean =>
          x >= box[0] && y >= box[1] && x <= box[2] && y <= box[3];
        for (let y = 0; y <= 8; y++) {
          for (let x = 0; x <= 8; x++) {
            if (covers(a, x, y) && covers(b, x, y)) both++;
            if (covers(a, x, y) || covers(b, x, y)) either++;
          }
        }
        const overlap = boxOverlaps(tensor([1, 4], a), tensor([1, 4], b));
        expect(overlap.data[0]).toBe(both / either);
      }),
    );
  });

  test('gives 0 for boxes that only share a border in the plain convention', () => {
    const [a, b] = [tensor([1, 4], [0, 0, 2, 2]), tensor([1, 4], [2, 0, 4, 2])];
    expect(boxOverlaps(a, b, 'plain').data[0]).toBe(0);
    expect(boxOverlaps(a, b).data[0]).toBeCloseTo(3 / 15, 15);
  });

  test('gives 0, not 0 / 0, for boxes without width or height in the plain convention', () => {
    const [narrow, flat] = [tensor([1, 4], [3, 1, 3, 5]), tensor([1, 4], [1, 3, 5, 3])];
    expect(boxOverlaps(narrow, narrow, 'plain').data[0]).toBe(0);
    expect(boxOverlaps(flat, flat, 'plain').data[0]).toBe(0);
  });

  test('is float64, a row for each box and a column for each reference', () => {
    const table = boxOverlaps(tensor([1, 4], [0, 0, 0, 0]), tensor([2, 4], [0, 0, 0, 0, 0, 0, 0, 2]));
    expect(table).toEqual(tensor([1, 2], [1, 1 / 3], 'float64'));
    expect(boxOverlaps(zeros([0, 4]), zeros([3, 4])).shape).toEqual([0, 3]);
  });

  test('refuses rows of five', () => {
    expect(() => boxOverlaps(zeros([1, 5]), zeros([1, 4]))).toThrow(
      'boxOverlaps: boxes is 1x5, expected rows',
    );
  });

  test('the best of a row is the first of equals; without columns there is none', () => {
    const { best, index } = bestOverlaps(tensor([2, 3], [0, 0.5, 0.5, 0, 0, 0], 'float64'));
    expect([[...best], [...index]]).toEqual([
      [0.5, 0],
      [1, 0],
    ]);
    expect([...bestOverlaps(zeros([2, 0])).index]).toEqual([-1, -1]);
  });
});
