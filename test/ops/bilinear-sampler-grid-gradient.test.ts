import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bilinearSamplerGridGradient, bilinearSamplerGridGradientOperator } from '../../src/ops/index.ts';
import { full, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { gridOffKinks, isRead, samplerSizes } from './sampler-cases.ts';

const cases: fc.Arbitrary<OperatorCase<object>> = samplerSizes.chain(([N, C, H, W, P, Q]) =>
  fc.record({
    inputs: fc.tuple(values([N, C, P, Q]), values([N, C, H, W]), gridOffKinks(N, H, W, P, Q)),
    attributes: fc.constant({}),
  }),
);

checkOp(bilinearSamplerGridGradientOperator, cases, {
  // The hat kernel and its slope, summed over every pixel and every channel.
  oracle: ([head, data, grid]) => {
    const [, C = 0, H = 0, W = 0] = data!.shape;
    const hat = (t: number): number => Math.max(0, 1 - Math.abs(t));
    const slope = (t: number): number => (Math.abs(t) < 1 ? -Math.sign(t) : 0);
    return build(grid!.shape, (n, axis, p, q) => {
      const X = ((at(grid!, n, 0, p, q) + 1) * (W - 1)) / 2;
      const Y = ((at(grid!, n, 1, p, q) + 1) * (H - 1)) / 2;
      // A position that is no number reads nothing; its weights spoil the slope along the other axis.
      if (!Number.isFinite(axis === 0 ? Y : X)) return NaN;
      let sum = 0;
      for (let c = 0; c < C; c++) {
        let rise = 0;
        for (let y = 0; y < H; y++) {
          for (let x = 0; x < W; x++) {
            const weight = axis === 0 ? slope(X - x) * hat(Y - y) : hat(X - x) * slope(Y - y);
            if (isRead(Y, y) && isRead(X, x)) rise += weight * at(data!, n, c, y, x);
          }
        }
        sum += rise * at(head!, n, c, p, q);
      }
      return (sum * ((axis === 0 ? W : H) - 1)) / 2;
    });
  },
  tolerance: { float32: 5e-5, float64: 1e-12 },
});

describe('bilinearSamplerGridGradient', () => {
  const nine = tensor([1, 1, 3, 3], [1, 2, 4, 8, 16, 32, 64, 128, 256]);
  /** Slopes per pixel at (X, Y); the grid's unit is one pixel here. */
  const slopesAt = (X: number, Y: number): number[] => [
    ...bilinearSamplerGridGradient(full([1, 1, 1, 1], 1), nine, tensor([1, 2, 1, 1], [X - 1, Y - 1])).data,
  ];

  test('between pixels it is the slope of the bilinear patch', () => {
    expect(slopesAt(0.5, 0.5)).toEqual([4.5, 10.5]);
    expect(slopesAt(1.25, 0)).toEqual([2, 0.75 * 14 + 0.25 * 28]);
  });

  test('on a pixel it is the slope towards the right and down', () => {
    expect(slopesAt(1, 1)).toEqual([16, 112]);
    expect(slopesAt(0, 0)).toEqual([1, 7]);
  });

  test('on the last pixels it is the slope of the fading out, one pixel before the first that of the fading in', () => {
    expect(slopesAt(2, 2)).toEqual([-256, -256]);
    expect(slopesAt(-1, 0)).toEqual([1, 0]);
    expect(slopesAt(3, 0)).toEqual([0, 0]);
    expect(slopesAt(-1.5, 40)).toEqual([0, 0]);
  });

  test('a grid that is not finite along one axis gives NaN along the other, and at no other position', () => {
    const grid = tensor([1, 2, 1, 3], [NaN, 0, 0, 0, Infinity, 0]);
    const got = bilinearSamplerGridGradient(full([1, 1, 1, 3], 1), nine, grid);
    expect([...got.data]).toEqual([0, NaN, 16, NaN, 0, 112]);
  });

  test('refuses a head that is not one value per position, and another batch', () => {
    expect(() => bilinearSamplerGridGradient(zeros([1, 2, 1, 1]), nine, zeros([1, 2, 1, 1]))).toThrow(
      'bilinearSamplerGridGradient: head is 1x2x1x1, expected 1x1x1x1; the shape of the samples',
    );
    expect(() => bilinearSamplerGridGradient(zeros([2, 1, 1, 1]), nine, zeros([2, 2, 1, 1]))).toThrow(
      'bilinearSamplerGridGradient: data has 1 images, grid has 2',
    );
  });
});
