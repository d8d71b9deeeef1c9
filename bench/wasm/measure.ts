/**
 * Measuring several ways to do the same in turns, in one process: what else the machine is doing then slows all.
 *
 * On one thread the clock is the processor time of the whole process, workers and the engine's own threads included:
 * it hardly changes when other programs want the processor too. On more threads it is the clock on the wall.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../timing.ts';

export type Clock = 'processor' | 'wall';

export const clockFor = (threads: number): Clock => (threads === 1 ? 'processor' : 'wall');

/** One way to do it. */
export type Run = () => unknown;

export interface MeasureOptions {
  readonly rounds: number;
  readonly clock: Clock;
  /** A measurement repeats short work until it takes about this long. Default 0: once. */
  readonly leastMilliseconds?: number;
}

/** For threads that still wait for more work, eagerly, when theirs is done. */
const REST = 20;

/** Milliseconds of one run, by side and round. Each side runs ahead of that, too. */
export async function takeTurns(
  sides: readonly Run[],
  { rounds, clock, leastMilliseconds = 0 }: MeasureOptions,
): Promise<number[][]> {
  const repeats: number[] = [];
  for (const side of sides) {
    // The first run is slow: only of work that is long anyhow it tells how long that is.
    const first = await timed(side, 1, clock);
    const once = first < 4 * leastMilliseconds ? await timed(side, 1, clock) : first;
    repeats.push(Math.max(1, Math.round(leastMilliseconds / Math.max(once, 0.01))));
  }
  const times = sides.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    const order = sides.map((_, k) => (k + round) % sides.length);
    for (const side of order) {
      await pause(REST);
      times[side]!.push(await timed(sides[side]!, repeats[side]!, clock));
    }
  }
  return times;
}

async function timed(run: Run, repeats: number, clock: Clock): Promise<number> {
  const start = now(clock);
  for (let repeat = 0; repeat < repeats; repeat++) await run();
  return (now(clock) - start) / repeats;
}

/** Milliseconds of a clock, from an arbitrary beginning. */
export function now(clock: Clock): number {
  if (clock === 'wall') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** How many times as long `theirs` takes, the median of the rounds. */
export function ratioOf(theirs: readonly number[], ours: readonly number[]): number {
  return median(theirs.map((time, round) => time / ours[round]!));
}
