/**
 * The tolerance table: how far apart two ways to one number may be, and why. Everything in this folder is judged by it.
 *
 * Distances are |got − expected| / (1 + |expected|): absolute for small numbers, relative for large ones.
 */
import { type DType, formatShape, indexOf, sameShape, type Tensor } from '../tensor/index.ts';

export type DTypeTolerance = Readonly<Record<DType, number>>;

export const tolerances: {
  readonly oracle: DTypeTolerance;
  readonly gradient: number;
  readonly backend: number;
} = {
  /** Sums of some dozen terms in another order: a few roundings (6e-8 and 1e-16). Longer sums say so at their operator. */
  oracle: { float32: 2e-6, float64: 1e-13 },
  /** Central differences at a step of 1e-5: truncation and rounding are both near 1e-10, relative to the terms. */
  gradient: 1e-6,
  /** Another backend's float32 against the reference: other sums, fused multiply-adds, exp to a few units in the last place. */
  backend: 1e-5,
};

/** 0 for equal numbers, equal infinities and two NaNs; infinite where only one is finite. */
export function distance(got: number, expected: number): number {
  if (Object.is(got, expected) || got === expected) return 0;
  const gap = Math.abs(got - expected) / (1 + Math.abs(expected));
  return Number.isNaN(gap) ? Infinity : gap;
}

/** One sentence when two tensors differ, or differ by more than a tolerance; none otherwise. */
export function difference(
  what: string,
  got: Tensor,
  expected: Tensor,
  other: string,
  tolerance: number | 'bits',
): string[] {
  if (!sameShape(got.shape, expected.shape)) {
    return [`${what} is ${formatShape(got.shape)}, ${other} ${formatShape(expected.shape)}`];
  }
  if (got.data.length !== expected.data.length) {
    return [`${what} has ${got.data.length} elements, ${other} ${expected.data.length}`];
  }
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [got.data[i]!, expected.data[i]!];
    if (tolerance === 'bits' ? Object.is(a, b) : distance(a, b) <= tolerance) continue;
    const place = indexOf(i, got.shape).join(', ');
    return [`${what} is ${a} at (${place}) of ${formatShape(got.shape)}, ${other} ${b} (${got.dtype})`];
  }
  return [];
}
