import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roiPooling, type RoiPoolingAttributes, roiPoolingOperator } from '../../src/ops/index.ts';
import { tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, distinctValues, type OperatorCase, values } from '../../src/testing/index.ts';
import { rois } from './regions.ts';

const cases: fc.Arbitrary<OperatorCase<RoiPoolingAttributes>> = fc
  .record({
    N: fc.integer({ min: 1, max: 2 }),
    C: fc.integer({ min: 1, max: 3 }),
    H: fc.integer({ min: 1, max: 6 }),
    W: fc.integer({ min: 1, max: 6 }),
    pooledSize: fc.constantFrom<RoiPoolingAttributes['pooledSize'][]>(1, 3, [2, 3], [7, 1]),
    spatialScale: fc.constantFrom(1, 0.25, 0.0625, 0.7),
  })
  .chain(({ N, C, H, W, ...attributes }) =>
    fc.record({
      inputs: fc.tuple(values([N, C, H, W]), rois(N, W / attributes.spatialScale)),
      attributes: fc.constant(attributes),
    }),
  );

const smooth = cases.chain(({ inputs, attributes }) =>
  fc.record({
    inputs: fc.tuple(distinctValues(inputs[0]!.shape), fc.constant(inputs[1]!)),
    attributes: fc.constant(attributes),
  }),
);

/** The lowest finite float32: what a bin without a number gives. */
const LOWEST = -3.4028234663852886e38;

/** Whether cell y belongs to bin i: asked of every cell, in float32. */
function inBin(y: number, i: number, low: number, high: number, bins: number, scale: number): boolean {
  const f = Math.fround;
  const cell = (pixel: number): number => Math.sign(pixel) * Math.round(Math.abs(f(pixel * f(scale))));
  const extent = cell(high) - cell(low) + 1;
  const size = f((extent > 1 ? extent : 1) / bins);
  const offset = y - cell(low);
  return offset + 1 > f(i * size) && offset < f((i + 1) * size);
}

checkOp(roiPoolingOperator, cases, {
  nonFinite: [NaN], // an infinite region is cut up as the arithmetic of float32 has it
  skip: { secondDerivative: 'roiPoolingGradient has no gradient' },
  tolerance: { float32: 0, float64: 0 },
  gradient: { cases: smooth },
  oracle: ([data, regions], { spatialScale, pooledSize }) => {
    const [N = 0, C = 0, H = 0, W = 0] = data!.shape;
    const [P, Q] = typeof pooledSize === 'number' ? [pooledSize, pooledSize] : pooledSize;
    return build([regions!.shape[0]!, C, P, Q], (r, c, i, j) => {
      const [image = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = [0, 1, 2, 3, 4].map((k) => at(regions!, r, k));
      if (image >= N || [image, x1, y1, x2, y2].some(Number.isNaN)) return 0;
      const inside: number[] = [];
      for (let y = 0; y < H; y++) {
        for (let x = 0; x < W; x++) {
          if (!inBin(y, i, y1, y2, P, spatialScale) || !inBin(x, j, x1, x2, Q, spatialScale)) continue;
          inside.push(at(data!, image, c, y, x));
        }
      }
      return inside.length === 0 ? 0 : Math.max(LOWEST, ...inside.filter((x) => !Number.isNaN(x)));
    });
  },
});

describe('roiPooling', () => {
  /** 0 … 47, the example of MXNet's documentation. */
  const counting = build([1, 1, 8, 6], (_n, _c, y, x) => 6 * y + x, 'float32');
  const pool = (row: number[], spatialScale: number): number[] => [
    ...roiPooling(counting, tensor([1, 5], row), { spatialScale, pooledSize: 2 }).data,
  ];

  test('gives the numbers of the MXNet documentation', () => {
    expect(pool([0, 0, 0, 4, 4], 1)).toEqual([14, 16, 26, 28]);
    expect(pool([0, 0, 0, 4, 4], 0.7)).toEqual([7, 9, 19, 21]);
  });

  test('gives 0 for empty bins, whatever lies around', () => {
    const negative = tensor([1, 1, 2, 2], [-1, -2, -3, -4]);
    const out = roiPooling(negative, tensor([2, 5], [0, 9, 9, 12, 12, 7, 0, 0, 1, 1]), {
      spatialScale: 1,
      pooledSize: 1,
    });
    expect([...out.data]).toEqual([0, 0]);
  });

  test('takes the image of a region without the fraction of its index', () => {
    const images = tensor([2, 1, 1, 1], [3, 5]);
    const indices = [0.75, -0.75, 1.25, 2, -1];
    const regions = tensor(
      [5, 5],
      indices.flatMap((image) => [image, 0, 0, 0, 0]),
    );
    const { data: out } = roiPooling(images, regions, { spatialScale: 1, pooledSize: 1 });
    expect([...out]).toEqual([3, 3, 5, 0, 0]);
  });

  test('treats reversed corners as a region of one cell', () => {
    expect(pool([0, 4, 4, 1, 1], 1)).toEqual([28, 28, 28, 28]);
  });

  test('passes over NaN; a bin of nothing else gives the lowest float32', () => {
    const attributes = { spatialScale: 1, pooledSize: 1 };
    const region = tensor([1, 5], [0, 0, 0, 1, 0]);
    const pooled = (...row: number[]): number =>
      roiPooling(tensor([1, 1, 1, 2], row), region, attributes).data[0]!;
    expect(pooled(NaN, 3)).toBe(3);
    expect(pooled(NaN, NaN)).toBe(-3.4028234663852886e38);
  });

  test('refuses regions of four columns and a size of 0', () => {
    const attributes = { spatialScale: 1, pooledSize: 2 };
    expect(() => roiPooling(counting, zeros([1, 4]), attributes)).toThrow(
      'roiPooling: rois is 1x4, expected rows',
    );
    expect(() => roiPooling(counting, zeros([1, 5]), { ...attributes, pooledSize: 0 })).toThrow(
      'roiPooling: pooledSize is 0, expected whole numbers of at least 1',
    );
  });
});
