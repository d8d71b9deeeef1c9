import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  psroiPooling,
  psroiPoolingGradient,
  type PsroiPoolingGradientAttributes,
  psroiPoolingGradientOperator,
} from '../../src/ops/index.ts';
import { full, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { rois } from './regions.ts';

const cases: fc.Arbitrary<OperatorCase<PsroiPoolingGradientAttributes>> = fc
  .record({
    images: fc.integer({ min: 1, max: 2 }),
    height: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 6 }),
    outputChannels: fc.integer({ min: 1, max: 2 }),
    pooledSize: fc.constantFrom(1, 2, 3),
    groupSize: fc.constantFrom(0, 1, 2),
    spatialScale: fc.constantFrom(1, 0.25, 0.1),
  })
  .chain((attributes) =>
    rois(attributes.images, attributes.width / attributes.spatialScale).chain((regions) => {
      const { outputChannels: D, pooledSize: P } = attributes;
      const head = values([regions.shape[0]!, D, P, P]);
      return fc.record({
        inputs: fc.tuple(head, fc.constant(regions)),
        attributes: fc.constant(attributes),
      });
    }),
  );

checkOp(psroiPoolingGradientOperator, cases, {
  nonFinite: [NaN], // an infinite region is cut up as the arithmetic of float32 has it
  // The forward pass is linear: pooling a map that is 1 at one pixel gives that pixel's share in every bin.
  oracle: ([head, regions], { images, height, width, ...attributes }) => {
    const G = attributes.groupSize || attributes.pooledSize;
    const shape = [images, attributes.outputChannels * G * G, height, width];
    return build(shape, (...index) => {
      const pixel = build(shape, (...other) => (other.every((k, axis) => k === index[axis]) ? 1 : 0));
      const shares = psroiPooling(pixel, regions!, attributes);
      return [...shares.data].reduce((sum, share, k) => sum + (share && share * head!.data[k]!), 0);
    });
  },
  runs: 50,
});

describe('psroiPoolingGradient', () => {
  const attributes = {
    spatialScale: 1,
    outputChannels: 1,
    pooledSize: 2,
    images: 1,
    height: 4,
    width: 4,
  };
  const hand = (...row: number[]): Tensor =>
    psroiPoolingGradient(tensor([1, 1, 2, 2], [4, 8, 12, 16]), tensor([1, 5], row), attributes);

  test('hands each bin back to its cells in the channel it was read from', () => {
    const expected = build([1, 4, 4, 4], (_, c, y, x) =>
      Math.floor(y / 2) * 2 + Math.floor(x / 2) === c ? c + 1 : 0,
    );
    expect([...hand(0, 0, 0, 3, 3).data]).toEqual([...expected.data]);
  });

  test('adds up overlapping regions', () => {
    const table = tensor([2, 5], [0, 0, 0, 3, 3, 0, 0, 0, 3, 3]);
    const twice = psroiPoolingGradient(full([2, 1, 2, 2], 4), table, attributes);
    expect(Math.max(...twice.data)).toBe(2);
  });

  test('passes nothing on from regions outside the map, of other images, or with a NaN corner', () => {
    for (const row of [
      [0, 40, 40, 50, 50],
      [1, 0, 0, 3, 3],
      [0, NaN, 0, 3, 3],
    ]) {
      expect(hand(...row).data.every((value) => value === 0)).toBe(true);
    }
  });

  test('gives zeros without regions, and refuses a head of another shape', () => {
    expect(psroiPoolingGradient(zeros([0, 1, 2, 2]), zeros([0, 5]), attributes)).toEqual(zeros([1, 4, 4, 4]));
    expect(() => psroiPoolingGradient(zeros([1, 1, 3, 3]), zeros([1, 5]), attributes)).toThrow(
      'psroiPoolingGradient: head is 1x1x3x3, expected 1x1x2x2; the shape of the pooling',
    );
  });
});
