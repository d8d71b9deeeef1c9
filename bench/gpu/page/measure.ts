/** Measuring two contenders in turns, in one page: what else the machine is doing then slows both. */
import { median } from '../../timing.ts';
import type { Timing } from '../api.ts';
import type { Contender } from './contender.ts';

export interface MeasureOptions extends Timing {
  /** Bytes of one result: as many are kept at once as fit into `MEMORY`. */
  readonly resultBytes: number;
}

/** Milliseconds of one computation, the median of the rounds. */
export interface Times {
  readonly ours: number;
  readonly peer: number;
}

const MEMORY = 2 ** 28;
const MOST_REPEATS = 200;

/** The contenders have run before: kernels are compiled, weights uploaded. */
export async function measure(ours: Contender, peer: Contender, options: MeasureOptions): Promise<Times> {
  const sides = [ours, peer] as const;
  const most = Math.max(1, Math.min(MOST_REPEATS, Math.floor(MEMORY / options.resultBytes)));
  const repeats: number[] = [];
  for (const side of sides) {
    const once = await timed(side, 1);
    repeats.push(Math.max(1, Math.min(most, Math.ceil(options.least / Math.max(once, 0.1)))));
  }
  const times: [number[], number[]] = [[], []];
  const start = performance.now();
  for (let round = 0; round < options.rounds; round++) {
    if (round >= 2 && performance.now() - start > options.patience) break;
    const order = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const side of order) times[side].push(await timed(sides[side], repeats[side]!));
  }
  return { ours: median(times[0]), peer: median(times[1]) };
}

/** Milliseconds of one of several computations, which are waited for together. */
async function timed(side: Contender, repeats: number): Promise<number> {
  await side.finish();
  const start = performance.now();
  for (let repeat = 0; repeat < repeats; repeat++) await side.launch();
  await side.finish();
  const milliseconds = (performance.now() - start) / repeats;
  side.release();
  return milliseconds;
}
