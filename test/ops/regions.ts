/** Random regions and boxes for tests of region operators. Coordinates are multiples of ¼, so that float32 holds them. */
import fc from 'fast-check';
import { type Tensor, tensor } from '../../src/tensor/index.ts';

const table = (columns: number, rows: readonly (readonly number[])[]): Tensor =>
  tensor([rows.length, columns], Float64Array.from(rows.flat()));

const coordinate = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.ceil(min * 4), max: Math.floor(max * 4) }).map((k) => k / 4);

/** (R, 5) with R from 0 to 5: images 0 … N (the last of which is not there), corners in and around [0, size). */
export function rois(N: number, size: number): fc.Arbitrary<Tensor> {
  const corner = coordinate(-size / 2, 1.5 * size);
  const row = fc.tuple(fc.integer({ min: 0, max: N }), corner, corner, corner, corner);
  return fc.array(row, { maxLength: 5 }).map((rows) => table(5, rows));
}

/** Rows of a box with ordered corners in [0, size), x1 y1 x2 y2. */
export function box(size: number): fc.Arbitrary<[number, number, number, number]> {
  const c = coordinate(0, size);
  return fc
    .tuple(c, c, c, c)
    .map(([a, b, x, y]) => [Math.min(a, x), Math.min(b, y), Math.max(a, x), Math.max(b, y)]);
}

/** (K, 4) boxes with ordered corners in [0, size). */
export function boxes(size: number, minLength: number, maxLength: number): fc.Arbitrary<Tensor> {
  return fc.array(box(size), { minLength, maxLength }).map((rows) => table(4, rows));
}

/** Rows of boxes with one more number, before (`'first'`) or after the corners. */
export function taggedBoxes(
  size: number,
  maxLength: number,
  tag: fc.Arbitrary<number>,
  where: 'first' | 'last',
): fc.Arbitrary<Tensor> {
  const row = fc
    .tuple(tag, box(size))
    .map(([t, corners]) => (where === 'first' ? [t, ...corners] : [...corners, t]));
  return fc.array(row, { maxLength }).map((rows) => table(5, rows));
}
