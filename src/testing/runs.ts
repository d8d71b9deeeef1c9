/** How many random cases a law gets. */

/** Random cases of a law about values. */
const CASES = 100;

/**
 * A number of random cases, multiplied by the environment variable DFF_RUNS where there is one: 0.1 while looking for
 * something, 100 over night. At least 1.
 */
export function runs(count: number = CASES): number {
  const factor = Number(globalThis.process?.env?.['DFF_RUNS'] ?? 1);
  return Math.max(1, Math.round(count * (Number.isFinite(factor) ? factor : 1)));
}
