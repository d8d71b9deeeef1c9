import { expect, test } from 'vitest';
import { allAnchors, baseAnchors } from '../../src/ops/index.ts';

const official = { featureStride: 16, scales: [8, 16, 32], ratios: [0.5, 1, 2] };
const rows = (data: ArrayLike<number>): number[][] =>
  Array.from({ length: data.length / 4 }, (_, i) => Array.from({ length: 4 }, (_v, k) => data[4 * i + k]!));

test('the nine anchors of Deep Feature Flow are those of the official code', () => {
  expect(rows(baseAnchors(official).data)).toEqual([
    [-84, -40, 99, 55],
    [-176, -88, 191, 103],
    [-360, -184, 375, 199],
    [-56, -56, 71, 71],
    [-120, -120, 135, 135],
    [-248, -248, 263, 263],
    [-36, -80, 51, 95],
    [-80, -168, 95, 183],
    [-168, -344, 183, 359],
  ]);
});

test('all anchors are the base anchors at each cell, cells in row-major order', () => {
  const attributes = { ...official, scales: [8], ratios: [1, 2] };
  expect(rows(allAnchors(2, 2, attributes).data)).toEqual([
    [-56, -56, 71, 71],
    [-36, -80, 51, 95],
    [-40, -56, 87, 71],
    [-20, -80, 67, 95],
    [-56, -40, 71, 87],
    [-36, -64, 51, 111],
    [-40, -40, 87, 87],
    [-20, -64, 67, 111],
  ]);
});

test('a fractional scale can cost a row of the square, as in MXNet', () => {
  // 23 · ½ + ½ is exactly 12, but in float32 23 · 1.424 / 1.424 is less than 23, and the height falls to 11 · 1.424
  const height = (scale: number): number => {
    const [, y1, , y2] = baseAnchors({ featureStride: 16, scales: [scale], ratios: [0.5] }).data;
    return y2! - y1! + 1;
  };
  expect(height(1.5)).toBe(18);
  expect(height(1.424)).toBeCloseTo(11 * 1.424, 5);
});

test('anchors without scales, of a negative ratio, of size 0 or at a stride of 0 are refused', () => {
  expect(() => baseAnchors({ ...official, scales: [8, 0] })).toThrow('scales is [8, 0], expected positive');
  expect(() => baseAnchors({ ...official, featureStride: 0 })).toThrow('featureStride is 0, expected');
  expect(() => baseAnchors({ ...official, scales: [] })).toThrow('scales is [], expected positive numbers');
  expect(() => baseAnchors({ ...official, ratios: [1, -2] })).toThrow('ratios is [1, -2], expected');
});
