import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bilinearSampler,
  elementwiseMul,
  fusedWarp,
  fusedWarpOperator,
  gridGenerator,
  warp,
} from '../../src/ops/index.ts';
import { cast, type Shape, type Tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, sizes, values } from '../../src/testing/index.ts';
import { isRead } from './sampler-cases.ts';

type Make = (shape: Shape) => fc.Arbitrary<Tensor>;

/** Flows up to 7 pixels, which reaches past the border; with and without a scale. Maps have two pixels at least. */
const casesOf = (flowOf: Make): fc.Arbitrary<OperatorCase<object>> =>
  fc.tuple(sizes(2, 3, 4, 4), fc.boolean()).chain(([[N = 0, C = 0, h = 0, w = 0], scaled]) => {
    const [H, W] = [h + 1, w + 1];
    const scale = scaled ? [values([N, C, H, W])] : [];
    const inputs = [values([N, C, H, W]), flowOf([N, 2, H, W]), ...scale];
    return fc.record({ inputs: fc.tuple(...inputs), attributes: fc.constant({}) });
  });

checkOp(
  fusedWarpOperator,
  casesOf((shape) => values(shape, { min: -7, max: 7 })),
  {
    skip: { secondDerivative: 'bilinearSamplerGridGradient has no gradient' },
    // Equations 1 to 3 of the paper as they are written: a sum over the pixels of the key frame, with the hat kernel.
    oracle: ([data, flow, scale]) => {
      const [, , H = 0, W = 0] = data!.shape;
      const g = (a: number, b: number): number => Math.max(0, 1 - Math.abs(a - b));
      return build(data!.shape, (n = 0, c = 0, y = 0, x = 0) => {
        const [X, Y] = [x + at(flow!, n, 0, y, x), y + at(flow!, n, 1, y, x)];
        const factor = scale ? at(scale, n, c, y, x) : 1;
        if (!Number.isFinite(X + Y)) return NaN;
        let sum = 0;
        for (let qy = 0; qy < H; qy++) {
          for (let qx = 0; qx < W; qx++) {
            if (isRead(Y, qy) && isRead(X, qx)) sum += g(qx, X) * g(qy, Y) * at(data!, n, c, qy, qx);
          }
        }
        return sum * factor;
      });
    },
    tolerance: { float32: 1e-4, float64: 1e-12 },
    gradient: { cases: casesOf((shape) => values(shape, { min: -7, max: 7, offInteger: 0.01 })) },
  },
);

describe('fusedWarp', () => {
  const inputs = fc.tuple(
    values([2, 3, 4, 5]),
    values([2, 2, 4, 5], { min: -7, max: 7 }),
    values([2, 3, 4, 5]),
  );

  test('gives the bits of the operators it stands for, and of warp', () => {
    fc.assert(
      fc.property(inputs, (exact) => {
        const [feature, flow, scale] = exact.map((value) => cast(value, 'float32'));
        const sampled = bilinearSampler(feature!, gridGenerator(flow!));
        expect(fusedWarp(feature!, flow!)).toEqual(sampled);
        expect(fusedWarp(feature!, flow!, scale)).toEqual(elementwiseMul(sampled, scale!));
        expect(fusedWarp(feature!, flow!, scale)).toEqual(warp(feature!, flow!, scale));
      }),
      { numRuns: 20 },
    );
  });

  test.each<[string, Shape, Shape, Shape | undefined, string]>([
    ['batches of different size', [2, 3, 4, 4], [1, 2, 4, 4], undefined, 'flow is 1x2x4x4, expected 2x2x4x4'],
    ['a flow of three channels', [1, 3, 4, 4], [1, 3, 4, 4], undefined, 'flow is 1x3x4x4, expected 1x2x4x4'],
    [
      'a flow of another size',
      [1, 3, 4, 4],
      [1, 2, 4, 3],
      undefined,
      'fusedWarp: flow is 1x2x4x3, expected 1x2x4x4',
    ],
    ['a flow one pixel high', [1, 3, 1, 4], [1, 2, 1, 4], undefined, 'at least two rows and two columns'],
    [
      'a scale that would repeat',
      [1, 3, 4, 4],
      [1, 2, 4, 4],
      [1, 1, 4, 4],
      'fusedWarp: scale is 1x1x4x4, expected 1x3x4x4; the shape of data',
    ],
  ])('refuses %s', (_, data, flow, scale, message) => {
    expect(() => fusedWarp(zeros(data), zeros(flow), scale && zeros(scale))).toThrow(message);
  });
});
