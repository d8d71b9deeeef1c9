/**
 * Greedy suppression turns on comparisons: which of two scores is greater, whether an overlap exceeds the threshold.
 * Where two numbers lie closer together than the noise of float32, both results are right. Here it is decided whether
 * a choice of boxes is one that suppression could make of these boxes and scores, if each moved within its noise.
 */
import type { Tensor } from '../../src/tensor/index.ts';

export interface GreedyRule {
  /** A box goes when it overlaps a better one by more than this. */
  readonly threshold: number;
  /** Boxes must score more than this. */
  readonly least: number;
  /** Boxes that are kept at most. */
  readonly limit: number;
  /** Whether the choice is listed by falling score. */
  readonly ordered: boolean;
  /** Two scores around this one may be in either order when they are no further apart. */
  readonly scoreNoise: (score: number) => number;
  readonly overlapNoise: number;
}

/**
 * Why suppression cannot have kept exactly these boxes; undefined when it can.
 *
 * @param boxes (candidates, 4): x1, y1, x2, y2, corners inclusive
 * @param kept indices of candidates
 */
export function contradiction(
  boxes: Tensor,
  scores: ArrayLike<number>,
  kept: readonly number[],
  rule: GreedyRule,
): string | undefined {
  return (
    contradictionOfOrder(scores, kept, rule) ??
    contradictionOfKept(boxes, kept, rule) ??
    contradictionOfDropped(boxes, scores, kept, rule)
  );
}

/** Whether the first score may be the greater one. */
function mayLead(first: number, second: number, { scoreNoise }: GreedyRule): boolean {
  return first >= second - scoreNoise(second);
}

function contradictionOfOrder(
  scores: ArrayLike<number>,
  kept: readonly number[],
  rule: GreedyRule,
): string | undefined {
  if (kept.length > rule.limit) return `${kept.length} boxes are kept, the limit is ${rule.limit}`;
  for (const [i, box] of kept.entries()) {
    const score = scores[box]!;
    if (!mayLead(score, rule.least, rule)) return `box ${box} scores ${score}, too little to be kept`;
    const next = kept[i + 1];
    if (rule.ordered && next !== undefined && !mayLead(score, scores[next]!, rule)) {
      return `box ${box} scores ${score} and stands before box ${next} with ${scores[next]!}`;
    }
  }
  return undefined;
}

function contradictionOfKept(
  boxes: Tensor,
  kept: readonly number[],
  { threshold, overlapNoise }: GreedyRule,
): string | undefined {
  for (const [i, first] of kept.entries()) {
    for (const second of kept.slice(i + 1)) {
      const shared = overlap(boxes, first, second);
      if (shared > threshold + overlapNoise)
        return `boxes ${first} and ${second} are kept and overlap by ${shared}`;
    }
  }
  return undefined;
}

/** Every box that would have had its turn must have a reason to be gone: a kept one that may be better and overlaps. */
function contradictionOfDropped(
  boxes: Tensor,
  scores: ArrayLike<number>,
  kept: readonly number[],
  rule: GreedyRule,
): string | undefined {
  const chosen = new Set(kept);
  const full = kept.length === rule.limit;
  const last = Math.min(...kept.map((box) => scores[box]!));
  const bar = full ? Math.max(last, rule.least) : rule.least;
  for (let box = 0; box < scores.length; box++) {
    const score = scores[box]!;
    if (chosen.has(box) || mayLead(bar, score, rule)) continue;
    const gone = kept.some(
      (better) =>
        mayLead(scores[better]!, score, rule) &&
        overlap(boxes, better, box) > rule.threshold - rule.overlapNoise,
    );
    if (!gone) return `box ${box} scores ${score}, and no kept box suppresses it`;
  }
  return undefined;
}

/** Intersection over union of two rows. */
function overlap({ data }: Tensor, a: number, b: number): number {
  const side = (axis: 0 | 1, ...rows: readonly number[]): number => {
    const low = Math.max(...rows.map((row) => data[4 * row + axis]!));
    const high = Math.min(...rows.map((row) => data[4 * row + axis + 2]!));
    return Math.max(0, high - low + 1);
  };
  const area = (...rows: readonly number[]): number => side(0, ...rows) * side(1, ...rows);
  return area(a, b) / (area(a) + area(b) - area(a, b));
}
