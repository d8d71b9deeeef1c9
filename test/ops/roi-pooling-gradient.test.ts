import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  roiPooling,
  roiPoolingGradient,
  roiPoolingGradientOperator,
  type RoiPoolingAttributes,
} from '../../src/ops/index.ts';
import { tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, distinctValues, type OperatorCase, values } from '../../src/testing/index.ts';
import { rois } from './regions.ts';

const cases: fc.Arbitrary<OperatorCase<RoiPoolingAttributes>> = fc
  .record({
    N: fc.integer({ min: 1, max: 2 }),
    C: fc.integer({ min: 1, max: 2 }),
    H: fc.integer({ min: 1, max: 6 }),
    W: fc.integer({ min: 1, max: 6 }),
    pooledSize: fc.constantFrom<RoiPoolingAttributes['pooledSize'][]>(1, 3, [2, 3]),
    spatialScale: fc.constantFrom(1, 0.25, 0.7),
  })
  .chain(({ N, C, H, W, ...attributes }) =>
    rois(N, W / attributes.spatialScale).chain((regions) => {
      const data = distinctValues([N, C, H, W]);
      const { shape } = roiPooling(zeros([N, C, H, W], 'float64'), regions, attributes);
      return fc.record({
        inputs: fc.tuple(data, fc.constant(regions), values(shape)),
        attributes: fc.constant(attributes),
      });
    }),
  );

checkOp(roiPoolingGradientOperator, cases, {
  nonFinite: [NaN], // an infinite region is cut up as the arithmetic of float32 has it
  // Raising one pixel by less than the distance to the next larger value raises the bins that it is the maximum of.
  oracle: ([data, regions, head], attributes) => {
    const before = roiPooling(data!, regions!, attributes);
    return build(data!.shape, (...index) => {
      const raised = build(
        data!.shape,
        (...other) => at(data!, ...other) + (other.every((k, axis) => k === index[axis]) ? 1 / 16 : 0),
      );
      const after = roiPooling(raised, regions!, attributes);
      return [...after.data].reduce(
        (sum, value, k) => sum + (value > before.data[k]! ? head!.data[k]! : 0),
        0,
      );
    });
  },
  runs: 50,
});

describe('roiPoolingGradient', () => {
  const whole = { spatialScale: 1, pooledSize: 1 };
  const region = tensor([1, 5], [0, 0, 0, 1, 1]);
  const four = (...list: number[]) => tensor([1, 1, 2, 2], list);

  test('gives everything to the first of equal cells in row-major order', () => {
    expect([...roiPoolingGradient(four(1, 5, 5, 5), region, tensor([1, 1, 1, 1], [3]), whole).data]).toEqual([
      0, 3, 0, 0,
    ]);
  });

  test('adds up what a cell wins in several regions, and treats reversed corners as one cell', () => {
    const regions = tensor([2, 5], [0, 0, 0, 1, 1, 0, 1, 1, 0, 0]);
    const head = tensor([2, 1, 1, 1], [3, 4]);
    expect([...roiPoolingGradient(four(1, 2, 3, 9), regions, head, whole).data]).toEqual([0, 0, 0, 7]);
  });

  test('passes nothing on from an empty bin or from nothing but NaN', () => {
    const head = tensor([1, 1, 1, 1], [3]);
    const outside = tensor([1, 5], [0, 9, 9, 12, 12]);
    expect([...roiPoolingGradient(four(1, 2, 3, 4), outside, head, whole).data]).toEqual([0, 0, 0, 0]);
    expect([...roiPoolingGradient(four(NaN, NaN, NaN, NaN), region, head, whole).data]).toEqual([0, 0, 0, 0]);
  });

  test('refuses a head of another shape than the pooling', () => {
    expect(() => roiPoolingGradient(four(1, 2, 3, 4), region, zeros([2, 1, 1, 1]), whole)).toThrow(
      'roiPoolingGradient: head is 2x1x1x1, expected 1x1x1x1; the shape of the pooling',
    );
  });
});
