/**
 * Ranking by score on the device: each candidate counts those that come before it, then each place looks for the
 * candidate of its rank. Comparisons of equal numbers are exact, so that the order is that of `src/ops/score-order.ts`
 * in every mode: equal scores by ascending index, NaN first. (Graphics cards may compile as if there were no NaN: those
 * are certain in modes webasm and cpu only.)
 *
 * Letters  N images, A anchors a cell, H × W map; candidate (y·W + x)·A + a
 */
import type { Planes, Thread } from './thread.ts';

/** How many candidates of the same image come before this one. */
export function rank(this: Thread<'A' | 'H' | 'W' | 'largest'>, scores: Planes): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.A);
  const first = n * this.constants.A;
  const place = (this.thread.y * this.constants.W + this.thread.x) * this.constants.A + this.thread.z - first;
  let mine = scores[this.thread.z]![this.thread.y]![this.thread.x]!;
  if (!(mine < this.constants.largest)) mine = this.constants.largest; // NaN and ∞ rank alike
  let before = 0;
  for (let y = 0; y < this.constants.H; y++) {
    for (let x = 0; x < this.constants.W; x++) {
      for (let a = 0; a < this.constants.A; a++) {
        let other = scores[first + a]![y]![x]!;
        if (!(other < this.constants.largest)) other = this.constants.largest;
        if (other > mine) before += 1;
        if (other === mine && (y * this.constants.W + x) * this.constants.A + a < place) before += 1;
      }
    }
  }
  return before;
}

/** The candidate of each rank. */
export function order(this: Thread<'A' | 'H' | 'W'>, ranks: Planes): number {
  const first = this.thread.z * this.constants.A;
  let found = 0;
  for (let y = 0; y < this.constants.H; y++) {
    for (let x = 0; x < this.constants.W; x++) {
      for (let a = 0; a < this.constants.A; a++) {
        const place = ranks[first + a]![y]![x]!;
        if (place === this.thread.x) found = (y * this.constants.W + x) * this.constants.A + a;
      }
    }
  }
  return found;
}
