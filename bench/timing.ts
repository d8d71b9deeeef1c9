/** Measuring side by side. */

import { median } from '../src/cli/bench/median.ts';

export { median };

/**
 * Processor seconds of one call. Unlike time on the clock, they hardly change when other programs want the processor
 * too; both sides compute on one thread.
 */
export function processorSeconds(run: () => unknown): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/**
 * Median processor seconds of two ways to do the same, measured in turns, each first every other time: what else the
 * machine is doing then slows both. Both run once before that.
 */
export function interleaved(
  a: () => unknown,
  b: () => unknown,
  repetitions: number,
): readonly [a: number, b: number] {
  a();
  b();
  const times: [number[], number[]] = [[], []];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const order = repetition % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const which of order) times[which].push(processorSeconds(which === 0 ? a : b));
  }
  return [median(times[0]), median(times[1])];
}
