/** Comparison of tensors: how far apart, and where. */
import { ShapeError } from './errors.ts';
import { formatShape, indexOf, sameShape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** Two numbers a (computed) and b (expected) agree where |a − b| ≤ absolute + relative · |b|. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

export interface Difference {
  /** Largest |a − b|. Infinity where exactly one of the two is NaN, or infinities differ. */
  readonly absolute: number;
  /** Largest |a − b| / |b| among elements with b ≠ 0. */
  readonly relative: number;
  /** Elements outside the tolerance. */
  readonly misses: number;
  /** Index of the element that exceeds its tolerance most (or differs most, if none exceeds). */
  readonly worst: readonly number[];
  readonly got: number;
  readonly expected: number;
}

/** |a − b|, where equal infinities and two NaNs are no difference. */
function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const gap = Math.abs(a - b);
  return Number.isNaN(gap) ? Infinity : gap;
}

/**
 * Compares element by element. Default tolerance: exact.
 *
 * @throws ShapeError when the shapes differ
 */
export function compare(
  a: Tensor,
  b: Tensor,
  tolerance: Tolerance = { absolute: 0, relative: 0 },
): Difference {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(
      `compare: shapes differ, got ${formatShape(a.shape)}, expected ${formatShape(b.shape)}`,
    );
  }
  let [absolute, relative, misses, worst, worstExcess] = [0, 0, 0, 0, -Infinity];
  for (let i = 0; i < b.data.length; i++) {
    const expected = b.data[i]!;
    const gap = distance(a.data[i]!, expected);
    const allowed = tolerance.absolute + tolerance.relative * Math.abs(expected);
    if (gap > absolute) absolute = gap;
    if (expected !== 0 && gap / Math.abs(expected) > relative) relative = gap / Math.abs(expected);
    if (gap > allowed) misses++;
    if (gap > 0 && gap - allowed > worstExcess) {
      worstExcess = gap - allowed;
      worst = i;
    }
  }
  const got = a.data[worst] ?? NaN;
  return { absolute, relative, misses, worst: indexOf(worst, b.shape), got, expected: b.data[worst] ?? NaN };
}
