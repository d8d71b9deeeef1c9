import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bilinearSampler, bilinearSamplerOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, sizes, values } from '../../src/testing/index.ts';
import { gridOffKinks, isRead, samplerSizes } from './sampler-cases.ts';

/** Maps down to 1x1; the grid reaches past the border. */
const cases: fc.Arbitrary<OperatorCase<object>> = sizes(2, 3, 5, 5, 4, 4).chain(([N, C, H, W, P, Q]) =>
  fc.record({
    inputs: fc.tuple(values([N!, C!, H!, W!]), values([N!, 2, P!, Q!], { min: -2.5, max: 2.5 })),
    attributes: fc.constant({}),
  }),
);

const smooth: fc.Arbitrary<OperatorCase<object>> = samplerSizes.chain(([N, C, H, W, P, Q]) =>
  fc.record({
    inputs: fc.tuple(values([N, C, H, W]), gridOffKinks(N, H, W, P, Q)),
    attributes: fc.constant({}),
  }),
);

checkOp(bilinearSamplerOperator, cases, {
  skip: { secondDerivative: 'bilinearSamplerGridGradient has no gradient' },
  // A sum over every pixel with the hat kernel: no floor, no neighbours.
  oracle: ([data, grid]) => {
    const [N = 0, C = 0, H = 0, W = 0] = data!.shape;
    const [, , P = 0, Q = 0] = grid!.shape;
    const hat = (distance: number): number => Math.max(0, 1 - Math.abs(distance));
    return build([N, C, P, Q], (n, c, p, q) => {
      const X = ((at(grid!, n, 0, p, q) + 1) * (W - 1)) / 2;
      const Y = ((at(grid!, n, 1, p, q) + 1) * (H - 1)) / 2;
      if (!Number.isFinite(X + Y)) return NaN;
      let sum = 0;
      for (let y = 0; y < H; y++) {
        for (let x = 0; x < W; x++) {
          if (isRead(Y, y) && isRead(X, x)) sum += hat(Y - y) * hat(X - x) * at(data!, n, c, y, x);
        }
      }
      return sum;
    });
  },
  tolerance: { float32: 2e-5, float64: 1e-13 },
  gradient: { cases: smooth },
});

const nine = tensor([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
const sampleAt = (x: number, y: number): number =>
  bilinearSampler(nine, tensor([1, 2, 1, 1], [x, y])).data[0]!;

describe('bilinearSampler', () => {
  test('the corners of the grid are the centres of the corner pixels', () => {
    expect([sampleAt(-1, -1), sampleAt(1, -1), sampleAt(-1, 1), sampleAt(1, 1), sampleAt(0, 0)]).toEqual([
      1, 3, 7, 9, 5,
    ]);
  });

  test('samples fade out over one pixel beyond the border and are exactly 0 from there on', () => {
    expect([sampleAt(1, 0), sampleAt(1.5, 0), sampleAt(2, 0), sampleAt(40, 0)]).toEqual([6, 3, 0, 0]);
    expect([sampleAt(0, -1), sampleAt(0, -1.25), sampleAt(0, -2), sampleAt(0, -1e30)]).toEqual([
      2, 1.5, 0, 0,
    ]);
    expect(sampleAt(1.5, 1.5)).toBe(2.25); // a quarter of the corner pixel
  });

  test('a grid that is not finite gives NaN there and nowhere else', () => {
    const grid = tensor([1, 2, 1, 3], [NaN, Infinity, 0, 0, 0, 0]);
    expect([...bilinearSampler(nine, grid).data]).toEqual([NaN, NaN, 5]);
  });

  test('NaN in the data shows only where a sample reads it', () => {
    const data = tensor([1, 1, 1, 4], [NaN, 1, 2, 3]);
    const grid = tensor([1, 2, 1, 3], [-0.5, 0.5, 3, 0, 0, 0]);
    expect([...bilinearSampler(data, grid).data]).toEqual([NaN, 2.25, 0]);
  });

  test.each([
    [
      'batches of different size',
      [2, 3, 4, 4],
      [1, 2, 4, 4],
      'data has 2 images, grid has 1 (data 2x3x4x4, grid 1x2x4x4)',
    ],
    ['a grid of three channels', [1, 3, 4, 4], [1, 3, 4, 4], 'grid has 3 channels, expected 2'],
    ['a grid of three axes', [1, 3, 4, 4], [2, 4, 4], 'grid is 2x4x4, expected four axes'],
  ])('refuses %s', (_, data, grid, message) => {
    expect(() => bilinearSamplerOperator.shape([data, grid], {})).toThrow(message);
  });
});
