import fc from 'fast-check';
import { expect, test } from 'vitest';
import { image, resize, roundEven, scaleFactor } from '../../src/data/index.ts';

test('halves are rounded to the even neighbour', () => {
  expect([-1.5, -0.5, 0.5, 1.5, 2.5, 562.5, 2.4999, 2.5001].map(roundEven)).toEqual([
    -2, 0, 0, 2, 2, 562, 2, 3,
  ]);
});

test('the longer side may reach its limit exactly but not exceed it', () => {
  expect(scaleFactor(1280, 720, 600, 1000)).toBe(0.78125);
  expect(scaleFactor(1000, 600, 600, 1000)).toBe(1);
  expect(scaleFactor(600, 1001, 600, 1000)).toBe(1000 / 1001);
  expect(scaleFactor(2000, 1200, 600, 1000)).toBe(0.5);
});

const images = fc
  .record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) })
  .chain(({ width, height }) =>
    fc
      .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
      .map((data) => image(width, height, data)),
  );
const scales = fc.double({ min: 0.51, max: 4, noNaN: true });

test('stays within one level of exact bilinear interpolation', () => {
  fc.assert(
    fc.property(images, scales, (source, scale) => {
      const out = resize(source, scale);
      const clamp = (v: number, size: number) => Math.min(Math.max(v, 0), size - 1);
      const pixel = (x: number, y: number, c: number) =>
        source.data[(clamp(y, source.height) * source.width + clamp(x, source.width)) * 3 + c]!;
      for (let i = 0; i < out.data.length; i++) {
        const [c, x, y] = [i % 3, Math.floor(i / 3) % out.width, Math.floor(i / 3 / out.width)];
        const [fx, fy] = [(x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5];
        const [x0, y0] = [Math.floor(fx), Math.floor(fy)];
        const row = (r: number) => pixel(x0, r, c) * (1 - fx + x0) + pixel(x0 + 1, r, c) * (fx - x0);
        const exact = row(y0) * (1 - fy + y0) + row(y0 + 1) * (fy - y0);
        expect(Math.abs(out.data[i]! - exact)).toBeLessThan(1);
      }
    }),
  );
});

test('an image of one colour keeps it at any scale', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(20), scales, (level, extra, scale) => {
      const out = resize(image(5 + extra, 7, new Uint8Array((5 + extra) * 21).fill(level)), scale);
      expect(out.data.every((sample) => sample === level)).toBe(true);
    }),
  );
});

test('a scale that leaves nothing is refused', () => {
  expect(() => resize(image(4, 4), 0.01)).toThrow('resize: 4x4 at scale 0.01 would be 0x0');
  expect(() => resize(image(4, 4), NaN)).toThrow('resize');
});
