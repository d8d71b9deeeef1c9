import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  psroiBins,
  psroiPooling,
  type PsroiPoolingAttributes,
  psroiPoolingOperator,
} from '../../src/ops/index.ts';
import { type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { rois } from './regions.ts';

const cases: fc.Arbitrary<OperatorCase<PsroiPoolingAttributes>> = fc
  .record({
    N: fc.integer({ min: 1, max: 3 }),
    H: fc.integer({ min: 1, max: 6 }),
    W: fc.integer({ min: 1, max: 6 }),
    outputChannels: fc.integer({ min: 1, max: 3 }),
    pooledSize: fc.constantFrom(1, 2, 3, 4, 7),
    groupSize: fc.constantFrom(0, 1, 2, 3),
    spatialScale: fc.constantFrom(1, 0.25, 0.0625, 0.1),
  })
  .chain(({ N, H, W, ...attributes }) => {
    const G = attributes.groupSize || attributes.pooledSize;
    const data = values([N, attributes.outputChannels * G * G, H, W]);
    const regions = rois(N, W / attributes.spatialScale);
    return fc.record({ inputs: fc.tuple(data, regions), attributes: fc.constant(attributes) });
  });

/** Nearest whole number, halves away from zero. */
const nearest = (x: number): number => Math.sign(x) * Math.round(Math.abs(x));

/** Whether cell y belongs to bin i: asked of every cell, in float32, without computing an edge. */
function inBin(y: number, i: number, low: number, high: number, bins: number, scale: number): boolean {
  const f = Math.fround;
  const start = f(nearest(low) * f(scale));
  const extent = f(f((nearest(high) + 1) * f(scale)) - start);
  const size = f(f(extent > 0.1 ? extent : 0.1) / bins);
  return y + 1 > f(f(i * size) + start) && y < f(f((i + 1) * size) + start);
}

checkOp(psroiPoolingOperator, cases, {
  nonFinite: [NaN], // an infinite region is cut up as the arithmetic of float32 has it
  oracle: ([data, regions], { spatialScale, outputChannels, pooledSize: P, groupSize }) => {
    const [N = 0, , H = 0, W = 0] = data!.shape;
    const G = groupSize || P;
    return build([regions!.shape[0]!, outputChannels, P, P], (r, d, i, j) => {
      const [image = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = [0, 1, 2, 3, 4].map((k) => at(regions!, r, k));
      if (image >= N || [image, x1, y1, x2, y2].some(Number.isNaN)) return 0;
      const channel = (d * G + Math.floor((i * G) / P)) * G + Math.floor((j * G) / P);
      let [sum, count] = [0, 0];
      for (let y = 0; y < H; y++) {
        for (let x = 0; x < W; x++) {
          if (!inBin(y, i, y1, y2, P, spatialScale) || !inBin(x, j, x1, x2, P, spatialScale)) continue;
          sum += at(data!, image, channel, y, x);
          count++;
        }
      }
      return count === 0 ? 0 : sum / count;
    });
  },
});

describe('bins of a 36 x 63 map at stride 16', () => {
  const bins = (low: number, high: number, cells: number): string => {
    const edges = new Int32Array(14);
    psroiBins(edges, low, high, 1 / 16, cells);
    return Array.from({ length: 7 }, (_, i) => `${edges[2 * i]}-${edges[2 * i + 1]}`).join(' ');
  };
  test.each([
    ['rows of 37.5 … 299.5, whose halves round away', 37.5, 299.5, 36, '2-5 4-8 7-10 9-12 11-15 14-17 16-19'],
    ['columns of 100.4 … 227.6', 100.4, 227.6, 63, '6-8 7-9 8-10 9-11 10-13 12-14 13-15'],
    ['rows of a whole image', 0, 561, 36, '0-6 5-11 10-16 15-21 20-26 25-31 30-36'],
    ['columns of a whole image', 0, 999, 63, '0-9 8-18 17-27 26-36 35-45 44-54 53-63'],
    ['a single pixel', 10, 10, 36, '0-1 0-1 0-1 0-1 0-1 0-1 0-1'],
    ['rows at the lower border', 550, 561, 36, '34-35 34-35 34-35 34-35 34-35 34-36 35-36'],
    ['columns at the right border', 990, 999, 63, '61-62 61-63 62-63 62-63 62-63 62-63 62-63'],
  ])('are those of the official operator for %s', (_, low, high, cells, expected) => {
    expect(bins(low, high, cells)).toBe(expected);
  });
});

test('bin edges are float32 arithmetic whatever the dtype of the data', () => {
  // 464 pixels are 29 cells, so the last edge is 7 · (29 / 7): float32 rounds it to 29, float64 to just above
  const data = build([1, 49, 1, 40], (_n, _c, _y, x) => x, 'float64');
  const region = tensor([2, 5], Float64Array.of(0, 0, 0, 463, 15, 0, 1, 0, 463, 15));
  const attributes = { spatialScale: 1 / 16, outputChannels: 1, pooledSize: 7 };
  const out = psroiPooling(data, region, attributes).data;
  const mean = (first: number, end: number): number => (first + end - 1) / 2;
  expect(out[6]).toBe(mean(24, 29)); // float64 arithmetic would say 24-30
  expect(out[49 + 6]).toBe(mean(24, 30)); // and here 24-29
});

describe('psroiPooling', () => {
  const attributes = { spatialScale: 1, outputChannels: 1, pooledSize: 2 };
  /** Channel k is filled with k + 1. */
  const steps = build([1, 4, 4, 4], (_, c) => c + 1, 'float32');
  const pool = (...row: number[]): number[] => [...psroiPooling(steps, tensor([1, 5], row), attributes).data];

  test('reads another channel for each bin', () => {
    expect(pool(0, 0, 0, 3, 3)).toEqual([1, 2, 3, 4]);
  });

  test('gives 0 for bins outside the map, and for a region of an image that is not there', () => {
    expect(pool(0, 2, 0, 5, 3)).toEqual([1, 0, 3, 0]);
    expect(pool(0, 40, 40, 50, 50)).toEqual([0, 0, 0, 0]);
    expect(pool(1, 0, 0, 3, 3)).toEqual([0, 0, 0, 0]);
    expect(pool(-1, 0, 0, 3, 3)).toEqual([0, 0, 0, 0]);
  });

  test('gives 0 for a region with a NaN corner', () => {
    expect(pool(0, NaN, 0, 3, 3)).toEqual([0, 0, 0, 0]);
  });

  test('spreads NaN to the bins that cover it only', () => {
    const data = zeros([1, 4, 4, 4]);
    data.data[0] = NaN;
    const out = psroiPooling(data, tensor([1, 5], [0, 0, 0, 3, 3]), attributes);
    expect([...out.data]).toEqual([NaN, 0, 0, 0]);
  });

  test('takes no regions at all', () => {
    expect(psroiPooling(steps, zeros([0, 5]), attributes).shape).toEqual([0, 1, 2, 2]);
  });

  test.each<[string, Tensor, Tensor, PsroiPoolingAttributes, string]>([
    [
      'channels that are not outputs x groups x groups',
      zeros([1, 5, 4, 4]),
      zeros([1, 5]),
      attributes,
      'psroiPooling: data has 5 channels, 1 outputs need 4 (2 x 2 each) (data 1x5x4x4); check outputChannels',
    ],
    ['regions of four columns', steps, zeros([1, 4]), attributes, 'rois is 1x4, expected rows of (image,'],
    ['a scale of 0', steps, zeros([1, 5]), { ...attributes, spatialScale: 0 }, 'spatialScale is 0, expected'],
    [
      'no outputs',
      steps,
      zeros([1, 5]),
      { ...attributes, outputChannels: 0 },
      'outputChannels is 0, expected',
    ],
    ['no bins', steps, zeros([1, 5]), { ...attributes, pooledSize: 0 }, 'pooledSize is 0, expected'],
  ])('refuses %s', (_, data, regions, wrong, message) => {
    expect(() => psroiPooling(data, regions, wrong)).toThrow(message);
  });
});
