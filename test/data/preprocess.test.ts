import { describe, expect, test } from 'vitest';
import { image, preprocess, resize, scaleFactor } from '../../src/data/index.ts';
import { bgr, decodeGolden, preprocessingGoldens, sha256 } from './goldens.ts';

describe.each(preprocessingGoldens)('preprocessing of $name', (golden) => {
  test('decodes to the samples of OpenCV', async () => {
    const source = await decodeGolden(golden);
    expect([source.width, source.height]).toEqual([golden.width, golden.height]);
    expect(sha256(bgr(source))).toBe(golden.decodedSha256);
  });

  test.each(golden.resized)(
    'resizes and subtracts means as the official code, $shortSide/$longSide',
    async (rule) => {
      const source = await decodeGolden(golden);
      const scale = scaleFactor(source.width, source.height, rule.shortSide, rule.longSide);
      expect(scale).toBe(rule.scale);
      const small = resize(source, scale);
      expect([small.width, small.height]).toEqual([rule.width, rule.height]);
      expect(sha256(bgr(small))).toBe(rule.sha256);
      const input = preprocess(source, rule);
      expect(input.data.shape).toEqual([1, 3, rule.height, rule.width]);
      expect(sha256(input.data.data)).toBe(rule.tensorSha256);
      expect([...input.imInfo.data]).toEqual(rule.imInfo.map(Math.fround));
      expect(input.scale).toBe(rule.scale);
    },
  );
});

describe('preprocess', () => {
  test('pads with black below and to the right before subtracting means', () => {
    const { data, imInfo } = preprocess(image(3, 2, new Uint8Array(18).fill(10)), {
      shortSide: 2,
      longSide: 10,
      pixelMeans: [1, 2, 3],
      imageStride: 4,
    });
    expect(data.shape).toEqual([1, 3, 4, 4]);
    expect([...data.data.subarray(16, 32)]).toEqual([8, 8, 8, -2, 8, 8, 8, -2, ...new Array(8).fill(-2)]);
    expect([...imInfo.data]).toEqual([4, 4, 1]);
  });

  test.each([
    [{ shortSide: 0 }, 'short side 0'],
    [{ shortSide: 600, longSide: 500 }, 'the long side not below the short one'],
    [{ imageStride: -1 }, 'image stride is -1'],
  ])('refuses %j', (settings, message) => {
    expect(() => preprocess(image(4, 4), settings)).toThrow(message);
  });
});
