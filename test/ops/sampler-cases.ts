/** Grids for tests of the bilinear sampler and its gradients. */
import fc from 'fast-check';
import type { Tensor } from '../../src/tensor/index.ts';
import { at, build, values } from '../../src/testing/index.ts';

/**
 * A grid (N, 2, P, Q) whose positions keep 0.01 pixels from whole numbers, inside a map of H × W pixels, across its
 * border and up to three pixels outside. Along an axis of one pixel the grid does not matter, nor is it a kink.
 */
export function gridOffKinks(N: number, H: number, W: number, P: number, Q: number): fc.Arbitrary<Tensor> {
  return values([N, 2, P, Q], { min: 0, max: 1 }).chain((places) =>
    values([N, 2, P, Q], { min: 0, max: 1, offInteger: 0.01 }).map((fractions) =>
      build([N, 2, P, Q], (...index) => {
        const size = index[1] === 0 ? W : H;
        const pixel = Math.floor(at(places, ...index) * (size + 4)) - 3 + at(fractions, ...index);
        return size === 1 ? pixel : (2 * pixel) / (size - 1) - 1;
      }),
    ),
  );
}

/** Whether pixel `p` is one of the two that are read for position `P` of an axis: from just behind it to one before it. */
export function isRead(P: number, p: number): boolean {
  return P - p < 1 && p - P <= 1;
}

/** Sizes of data (N, C, H, W), down to one pixel, and of a grid of P × Q positions. */
export const samplerSizes: fc.Arbitrary<[number, number, number, number, number, number]> = fc.tuple(
  fc.integer({ min: 1, max: 2 }),
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 4 }),
);
