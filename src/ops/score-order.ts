/** Ranking by score, with a rule for equal scores, so that every run and every backend agrees. */

/**
 * Which of two equal scores comes first. `'lower'`: the lower index, a stable descending sort, as MXNet's GPU
 * proposals. `'higher'`: the higher index, a stable ascending sort read backwards, as NumPy's `argsort()[::-1]`.
 */
export type TieRule = 'lower' | 'higher';

/** The indices of `scores` from the largest to the smallest. NaN ranks above all numbers, as in NumPy's reversed sort. */
export function descendingOrder(scores: ArrayLike<number>, ties: TieRule): Uint32Array {
  const keys = Float64Array.from(scores, (score) => (Number.isNaN(score) ? Infinity : score));
  const order = Uint32Array.from(keys, (_, index) => index);
  return order.sort((a, b) => {
    const [left, right] = [keys[a]!, keys[b]!];
    if (left !== right) return right - left;
    return ties === 'lower' ? a - b : b - a;
  });
}
