/**
 * `npm run fuzz -- --minutes 10`
 *
 * Damages real files until the time is up and prints what was accepted, refused, slow, or wrong; exit code 1 when anything
 * was. The cases run in one worker thread, and the main thread watches: a case that does not end, or eats all memory, is
 * named too.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { describeFailure } from '../../src/cli/failure.ts';
import { type FuzzOptions, readOptions, usage } from './options.ts';
import { extremesText, failureText, tallyTable } from './report.ts';
import { emptyTally, run, runValid, type Tally } from './run.ts';
import { makeTarget, targetNames } from './targets/index.ts';

/** Cases of one target in a row, under one seed. */
const BATCH = 5000;

/** Milliseconds of one target in a row. */
const TURN = 4000;

/** The main thread looks this often, and gives a case up after so long. */
const [LOOK, STUCK] = [1000, 60_000];

/** Shared with the watching thread: target, seed, run, and a count of cases. */
type Place = Int32Array;

interface Work {
  readonly options: FuzzOptions;
  readonly names: readonly string[];
  readonly seed: number;
  readonly place: Place;
}

/** The worker: turns of all targets until the time is up. Reports its tallies at the end, failures when they occur. */
async function work({ options, names, seed: first, place }: Work): Promise<void> {
  const { path, slowest, verbose } = options;
  const send = (message: object): void => parentPort!.postMessage(message, []);
  const lines = (text: string): void => send({ text });
  const targets = await Promise.all(names.map(makeTarget));
  const tallies = names.map(emptyTally);
  for (const target of path === undefined ? targets : []) await runValid(target);
  const end = performance.now() + (options.minutes ?? (options.runs ? Infinity : 10)) * 60_000;
  const most = path === undefined ? (options.runs ?? Infinity) : 1;
  for (let turn = 0; performance.now() < end && tallies.some(({ cases }) => cases < most); turn++) {
    for (const [k, target] of targets.entries()) {
      const [tally, seed] = [tallies[k]!, (first + turn) & 0x7fff_ffff];
      const runs = path === undefined ? Math.min(BATCH, most - tally.cases) : 1;
      const left = end - performance.now();
      if (runs <= 0 || left <= 0) continue;
      const seen = tally.failures.length;
      const onCase = (number: number): void => {
        place.set([k, seed, number]);
        Atomics.add(place, 3, 1);
      };
      const limit = Math.min(left, options.runs ? Infinity : TURN);
      const timed = Number.isFinite(limit) ? { limit } : {};
      await run(target, tally, {
        seed,
        runs,
        slowest,
        onCase,
        ...timed,
        ...(path !== undefined && { path }),
      });
      for (const failure of tally.failures.slice(seen)) lines(`${failureText(failure)}\n`);
    }
    if (path !== undefined) break;
  }
  if (verbose || path !== undefined) targets.forEach((target, k) => lines(extremesText(target, tallies[k]!)));
  send({ tallies });
}

/** The main thread: prints, and watches. Resolves to the exit code. */
function watch(data: Work): Promise<number> {
  const { names, place } = data;
  const at = (): string =>
    `--target ${names[place[0]!]} --seed ${place[1]} --path ${place[2]} (npm run fuzz -- with these runs it again)`;
  return new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: 2048 },
    });
    let [count, since] = [-1, performance.now()];
    const finish = (code: number): void => {
      clearInterval(timer);
      void worker.terminate();
      resolve(code);
    };
    const timer = setInterval(() => {
      if (count !== place[3]) [count, since] = [place[3]!, performance.now()];
      else if (count > 0 && performance.now() - since > STUCK) {
        console.log(`FAILED no end after ${STUCK / 1000} s: ${at()}`);
        finish(1);
      }
    }, LOOK);
    worker.on('message', ({ text, tallies }: { text?: string; tallies?: Tally[] }) => {
      if (text !== undefined) console.log(text);
      if (tallies === undefined) return;
      const failures = tallies.reduce((sum, { failed }) => sum + failed, 0);
      const peak = Math.round(process.resourceUsage().maxRSS / 1e3);
      const outcome = failures === 0 ? 'no failure' : `${failures} failures`;
      console.log(`${tallyTable(tallies)}\n\nseed ${data.seed}, ${outcome}, at most ${peak} MB in memory`);
      finish(failures === 0 ? 0 : 1);
    });
    worker.on('error', (error) => {
      console.log(`FAILED ${error.name}: ${error.message}\n${error.stack ?? ''}\n${at()}`);
      finish(1);
    });
  });
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const names = options.target.length > 0 ? options.target : targetNames;
  const seed = options.seed ?? Date.now() & 0x7fff_ffff;
  console.log(`fuzzing ${names.join(', ')}, seed ${seed}`);
  const place = new Int32Array(new SharedArrayBuffer(16));
  return watch({ options, names, seed, place });
}

if (isMainThread) {
  try {
    process.exitCode = await main();
  } catch (error) {
    const { message, exitCode } = describeFailure(error);
    console.error(message);
    process.exitCode = exitCode;
  }
} else await work(workerData as Work);
