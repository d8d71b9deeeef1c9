/** The share of one element of a line, for the tests of the softmax operators: one over a sum of differences' exponentials. */
export function share(line: readonly number[], k: number): number {
  // NaN or +∞ spoils the line; −∞ gets nothing, unless there is nothing else.
  if (line.some((x) => Number.isNaN(x) || x === Infinity)) return NaN;
  if (line.every((x) => x === -Infinity)) return NaN;
  if (line[k] === -Infinity) return 0;
  return 1 / line.reduce((sum, x) => sum + Math.exp(x - line[k]!), 0);
}
