/**
 * nonMaximumSuppression: of boxes that overlap, keep the one with the best score.
 *
 * Greedy: boxes are visited from the best score down; each is kept unless its overlap (intersection over union) with
 * a box already kept is strictly greater than the threshold. A box is compared with kept boxes only, so that 6000
 * boxes need no table of all pairs.
 *
 * The three official implementations differ only in precision here (the Cython one is also strict at equality and is
 * not used): float32 for proposals and for the demo's CUDA rule, float64 for the evaluation's NumPy rule.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type BoxConvention, boxUnit } from './box-overlaps.ts';
import { checkInteger } from './checks.ts';
import { descendingOrder, type TieRule } from './score-order.ts';

export interface SuppressionOptions {
  /** A box is dropped when its overlap with a kept one is greater than this. Between 0 and 1. */
  readonly threshold: number;
  /** Whether the last pixel belongs to a box (widths are x2 − x1 + 1, the official rule) or not. Default 'inclusive'. */
  readonly convention?: BoxConvention;
  /** Which of two equal scores comes first. Default 'lower' (proposals); the official detection NMS has 'higher'. */
  readonly ties?: TieRule;
  /** Only this many boxes with the best scores take part. Default all. */
  readonly candidates?: number;
  /** Stop when this many are kept. Default none. */
  readonly limit?: number;
}

/**
 * The rows of the boxes that are kept, best score first.
 *
 * The dtype of `boxes` decides the precision of overlaps and threshold: float32 rounds every step (and the threshold)
 * to float32, float64 none.
 *
 * @param boxes (K, 4): x1, y1, x2, y2
 * @param scores K numbers
 * @throws ShapeError when the counts differ or an option is not a number in its range
 * @example const kept = nonMaximumSuppression(boxes, scores, { threshold: 0.3, ties: 'higher' })
 */
export function nonMaximumSuppression(
  boxes: Tensor,
  scores: ArrayLike<number>,
  options: SuppressionOptions,
): number[] {
  const { threshold, convention = 'inclusive', ties = 'lower' } = options;
  const { candidates = Infinity, limit = Infinity } = options;
  checkSuppression(boxes, scores, options);
  const order = descendingOrder(scores, ties);
  const count = Math.min(order.length, candidates);
  const suppressed = overlapTest(boxes, boxUnit(convention), threshold, Math.min(count, limit));
  const kept: number[] = [];
  for (let i = 0; i < count && kept.length < limit; i++) {
    const row = order[i]!;
    if (!suppressed(row)) kept.push(row);
  }
  return kept;
}

/** Throws unless there is a score for each box, and the options are numbers in their ranges. */
export function checkSuppression(
  boxes: Tensor,
  scores: ArrayLike<number>,
  { threshold, candidates = Infinity, limit = Infinity }: SuppressionOptions,
): void {
  if (boxes.shape.length !== 2 || boxes.shape[1] !== 4 || boxes.shape[0] !== scores.length) {
    const got = `boxes ${formatShape(boxes.shape)}, ${scores.length} scores`;
    throw new ShapeError(`nonMaximumSuppression: got ${got}, expected four coordinates and a score per box`);
  }
  checkThreshold('nonMaximumSuppression', threshold);
  for (const [name, count] of Object.entries({ candidates, limit })) {
    if (count !== Infinity) checkInteger('nonMaximumSuppression', name, count, 0);
  }
}

/** Throws unless `threshold` is an overlap: a number from 0 to 1. */
export function checkThreshold(operator: string, threshold: number, name = 'threshold'): void {
  if (threshold >= 0 && threshold <= 1) return;
  throw new ShapeError(`${operator}: ${name} is ${threshold}, expected an overlap between 0 and 1`);
}

/** Rounds to float32 where `single`. A flag instead of a function, since the engine inlines it: ten times as fast. */
function round(x: number, single: boolean): number {
  return single ? Math.fround(x) : x;
}

/**
 * A function that says whether a row overlaps too much with a row for which it said no before. Kept boxes are copied
 * into a compact table, at most `capacity` of them: this is the innermost loop of the detector's host part.
 */
function overlapTest(
  { data, dtype }: Tensor,
  unit: number,
  threshold: number,
  capacity: number,
): (row: number) => boolean {
  const single = dtype === 'float32';
  const limit = round(threshold, single);
  const kept = new Float64Array(5 * capacity); // x1, y1, x2, y2, area
  let end = 0;
  return (row) => {
    const [x1, y1] = [data[4 * row]!, data[4 * row + 1]!];
    const [x2, y2] = [data[4 * row + 2]!, data[4 * row + 3]!];
    const extent = (length: number): number => round(round(length, single) + unit, single);
    const area = round(extent(x2 - x1) * extent(y2 - y1), single);
    for (let k = 0; k < end; k += 5) {
      const width = extent(Math.min(x2, kept[k + 2]!) - Math.max(x1, kept[k]!));
      if (!(width > 0)) continue;
      const height = extent(Math.min(y2, kept[k + 3]!) - Math.max(y1, kept[k + 1]!));
      if (!(height > 0)) continue;
      const shared = round(width * height, single);
      const union = round(round(area + kept[k + 4]!, single) - shared, single);
      if (round(shared / union, single) > limit) return true;
    }
    kept.set([x1, y1, x2, y2, area], end);
    end += 5;
    return false;
  };
}
