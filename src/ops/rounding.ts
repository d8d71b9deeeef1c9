/**
 * Where MXNet's result hangs on float32 arithmetic inside a formula, the formula is written once, with every
 * intermediate result passed through `rounding(dtype)`.
 */
import type { DType } from '../tensor/tensor.ts';

/** Rounds a number to a dtype: to the nearest float32, or, for float64, not at all. */
export function rounding(dtype: DType): (value: number) => number {
  return dtype === 'float32' ? Math.fround : (value) => value;
}
