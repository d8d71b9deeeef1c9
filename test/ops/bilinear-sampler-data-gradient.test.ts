import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bilinearSampler,
  bilinearSamplerDataGradient,
  type BilinearSamplerDataGradientAttributes,
  bilinearSamplerDataGradientOperator,
} from '../../src/ops/index.ts';
import { full, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { gridOffKinks, isRead, samplerSizes } from './sampler-cases.ts';

const casesWith = (
  grid: (N: number, H: number, W: number, P: number, Q: number) => fc.Arbitrary<Tensor>,
): fc.Arbitrary<OperatorCase<BilinearSamplerDataGradientAttributes>> =>
  samplerSizes.chain(([N, C, H, W, P, Q]) =>
    fc.record({
      inputs: fc.tuple(values([N, C, P, Q]), grid(N, H, W, P, Q)),
      attributes: fc.constant({ height: H, width: W }),
    }),
  );

checkOp(
  bilinearSamplerDataGradientOperator,
  casesWith((N, _H, _W, P, Q) => values([N, 2, P, Q], { min: -2.5, max: 2.5 })),
  {
    skip: { secondDerivative: 'bilinearSamplerGridGradient has no gradient' },
    // For every pixel, a sum over every sample with the hat kernel: no floor, no neighbours.
    oracle: ([head, grid], { height, width }) => {
      const [N = 0, C = 0, P = 0, Q = 0] = head!.shape;
      const hat = (distance: number): number => Math.max(0, 1 - Math.abs(distance));
      return build([N, C, height, width], (n, c, y, x) => {
        let sum = 0;
        for (let p = 0; p < P; p++) {
          for (let q = 0; q < Q; q++) {
            const X = ((at(grid!, n, 0, p, q) + 1) * (width - 1)) / 2;
            const Y = ((at(grid!, n, 1, p, q) + 1) * (height - 1)) / 2;
            if (isRead(Y, y) && isRead(X, x)) sum += hat(Y - y) * hat(X - x) * at(head!, n, c, p, q);
          }
        }
        return sum;
      });
    },
    tolerance: { float32: 2e-5, float64: 1e-13 },
    gradient: { cases: casesWith(gridOffKinks) },
  },
);

describe('bilinearSamplerDataGradient', () => {
  test('is the adjoint of sampling: ⟨sample(data), head⟩ = ⟨data, gradient(head)⟩', () => {
    const dot = (a: Tensor, b: Tensor): number => [...a.data].reduce((s, v, k) => s + v * b.data[k]!, 0);
    const drawn = fc.tuple(
      values([2, 3, 4, 5]),
      values([2, 3, 3, 2]),
      values([2, 2, 3, 2], { min: -2, max: 2 }),
    );
    fc.assert(
      fc.property(drawn, ([data, head, grid]) => {
        const back = bilinearSamplerDataGradient(head, grid, { height: 4, width: 5 });
        expect(dot(bilinearSampler(data, grid), head)).toBeCloseTo(dot(data, back), 9);
      }),
    );
  });

  test('a sample between four pixels is shared by them; one outside the map reaches nobody', () => {
    const head = tensor([1, 1, 1, 2], [8, 100]);
    const grid = tensor([1, 2, 1, 2], [0, 9, 0.5, 0]);
    const got = bilinearSamplerDataGradient(head, grid, { height: 2, width: 2 });
    expect([...got.data]).toEqual([1, 1, 3, 3]);
  });

  test('a grid that is not finite hands its sample back nowhere', () => {
    const grid = tensor([1, 2, 1, 3], [NaN, Infinity, -1, 0, 0, -1]);
    const got = bilinearSamplerDataGradient(full([1, 1, 1, 3], 1), grid, { height: 2, width: 2 });
    expect([...got.data]).toEqual([1, 0, 0, 0]);
  });

  test('refuses a head that is not one value per position, and a grid of three channels', () => {
    const size = { height: 2, width: 2 };
    expect(() => bilinearSamplerDataGradient(zeros([1, 1, 3, 3]), zeros([1, 2, 3, 4]), size)).toThrow(
      'bilinearSamplerDataGradient: head is 1x1x3x3, expected 1x1x3x4; the shape of the samples',
    );
    expect(() => bilinearSamplerDataGradient(zeros([1, 1, 3, 3]), zeros([1, 3, 3, 3]), size)).toThrow(
      'bilinearSamplerDataGradient: grid has 3 channels, expected 2',
    );
  });
});
