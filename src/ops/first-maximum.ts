/** The rule that max pooling, region max pooling and their gradients share: which cell of a window wins. */
import type { TensorData } from '../tensor/tensor.ts';

/** Where a maximum starts, in MXNet's kernels and here, whatever the dtype: the lowest finite float32. */
export const LOWEST: number = -(2 - 2 ** -23) * 2 ** 127;

/**
 * Where the largest value of rows [y0, y1) and columns [x0, x1) stands, in a map that is W wide and starts at `map`. Of
 * equal ones it is the first in row-major order. −1 when nothing exceeds `LOWEST`: no cells, or only NaN and −∞.
 */
export function firstMaximum(
  data: TensorData,
  map: number,
  W: number,
  y0: number,
  y1: number,
  x0: number,
  x1: number,
): number {
  let [largest, winner] = [LOWEST, -1];
  for (let y = y0; y < y1; y++) {
    const row = map + y * W;
    for (let x = x0; x < x1; x++) {
      const value = data[row + x]!;
      if (value > largest) {
        largest = value;
        winner = row + x;
      }
    }
  }
  return winner;
}
