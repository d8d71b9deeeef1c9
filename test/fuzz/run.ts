/** Runs cases of a target, watches time and memory, and keeps one failure of each kind. */
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import fc from 'fast-check';
import { type Target, Violation } from './target.ts';

export interface Failure {
  readonly target: string;
  readonly seed: number;
  /** Where in the runs of this seed the shrunk case is, in fast-check's notation. */
  readonly path: string;
  readonly message: string;
  readonly stack: string;
  /** Equal for failures that are probably the same fault. */
  readonly kind: string;
  /** The shrunk case, for people. */
  readonly description: string;
}

/** A case that took longest or most. */
export interface Extreme {
  readonly value: number;
  readonly seed: number;
  readonly run: number;
  readonly input: unknown;
}

export interface Tally {
  readonly target: string;
  cases: number;
  accepted: number;
  refused: number;
  /** Cases that failed, shrinking not counted. */
  failed: number;
  /** In all, with drawing cases and shrinking. */
  milliseconds: number;
  slowest: Extreme;
  /** Bytes by which memory grew in one case. */
  largest: Extreme;
  /** One of each kind. */
  readonly failures: Failure[];
}

const nothing: Extreme = { value: 0, seed: 0, run: 0, input: undefined };

export function emptyTally(target: string): Tally {
  return {
    target,
    cases: 0,
    accepted: 0,
    refused: 0,
    failed: 0,
    milliseconds: 0,
    slowest: nothing,
    largest: nothing,
    failures: [],
  };
}

export interface RunOptions {
  readonly seed: number;
  readonly runs: number;
  /** A single case: the path of a failure, or the number of a run. */
  readonly path?: string;
  /** Milliseconds after which no further case begins. Default: none. */
  readonly limit?: number;
  /** Milliseconds that one case may take. Default: any. */
  readonly slowest?: number;
  /** Told before each case which one it is. */
  readonly onCase?: (run: number) => void;
}

/** Runs cases and adds to the tally. */
export async function run<Case>(target: Target<Case>, tally: Tally, options: RunOptions): Promise<void> {
  const { seed, runs, path, limit, slowest = Infinity, onCase } = options;
  const known = new Set(tally.failures.map(({ kind }) => kind));
  let [drawn, shrinking] = [Number(path?.split(':')[0] ?? 0), false];
  let found: { readonly number: number; readonly input: Case; readonly error: Error } | undefined;
  const property = fc.asyncProperty(target.cases, async (input) => {
    const number = drawn++;
    onCase?.(number);
    const attempt = await measured(target, input, slowest);
    if (attempt.failure !== undefined) {
      const kind = kindOf(attempt.failure);
      if (!shrinking) {
        tally.cases++;
        tally.failed++;
      }
      if (known.has(kind)) return;
      found ??= { number, input, error: attempt.failure };
      shrinking = true;
      throw attempt.failure;
    }
    if (shrinking) return;
    tally.cases++;
    tally[attempt.accepted ? 'accepted' : 'refused']++;
    const record = (value: number): Extreme => ({ value, seed, run: number, input });
    if (attempt.milliseconds > tally.slowest.value) tally.slowest = record(attempt.milliseconds);
    if (attempt.growth > tally.largest.value) tally.largest = record(attempt.growth);
  });
  const start = performance.now();
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    ...(path !== undefined && { path }),
    ...(limit !== undefined && { interruptAfterTimeLimit: limit, markInterruptAsFailure: false }),
  });
  tally.milliseconds += performance.now() - start;
  if (!found) return;
  // A failure in the last moment is not shrunk any more, and then fast-check does not report it.
  const shrunk = details.failed && details.counterexample !== null;
  const error = shrunk ? (details.errorInstance as Error) : found.error;
  tally.failures.push({
    target: target.name,
    seed,
    path: (shrunk ? details.counterexamplePath : null) ?? String(found.number),
    message: `${error.name}: ${error.message}`,
    stack: error.stack ?? '',
    kind: kindOf(error),
    description: target.describe(shrunk ? details.counterexample[0] : found.input),
  });
}

/** Every intact case must be accepted. */
export async function runValid<Case>(target: Target<Case>): Promise<void> {
  for (const input of target.valid) {
    if (!(await target.attempt(input)))
      throw new Violation(`${target.name}: refused ${target.describe(input)}`);
  }
}

/** Below this nobody asks what a case may take: that much comes and goes by itself. */
const ALWAYS_ALLOWED = 32e6;

interface Attempt {
  readonly accepted: boolean;
  readonly milliseconds: number;
  /** Of array buffers, or of the most that the process ever held: garbage from before may hide some of it. */
  readonly growth: number;
  readonly failure?: Error;
}

async function measured<Case>(target: Target<Case>, input: Case, slowest: number): Promise<Attempt> {
  const unheard: unknown[] = [];
  const listen = (error: unknown): void => void unheard.push(error);
  process.on('unhandledRejection', listen);
  const before = getHeapStatistics().external_memory;
  const start = performance.now();
  let [accepted, failure]: [boolean, Error | undefined] = [false, undefined];
  try {
    accepted = await target.attempt(input);
  } catch (error) {
    failure = error instanceof Error ? error : new Violation(`thrown: ${String(error)}`);
  }
  const milliseconds = performance.now() - start;
  await new Promise((resolve) => void setImmediate(resolve)); // what nobody listens to is reported after this turn
  process.off('unhandledRejection', listen);
  if (unheard.length > 0) failure ??= new Violation(`unhandled rejection: ${String(unheard[0])}`);
  const external = getHeapStatistics().external_memory - before;
  // Asking for the peak is dear, and nothing small and quick moves it.
  const growth = milliseconds > 5 || external > 4e6 ? Math.max(external, peakGrowth()) : external;
  if (growth > ALWAYS_ALLOWED && growth > target.allowance(input)) {
    failure ??= new Violation(`memory grew by ${growth} bytes, allowed are ${target.allowance(input)}`);
  }
  if (milliseconds > slowest) failure ??= new Violation(`took ${milliseconds.toFixed(0)} ms`);
  return { accepted, milliseconds, growth, ...(failure && { failure }) };
}

let peak = process.resourceUsage().maxRSS;

/** Bytes by which the most that the process ever held has risen since the last time. */
function peakGrowth(): number {
  const before = peak;
  peak = process.resourceUsage().maxRSS;
  return (peak - before) * 1024;
}

/** Message without numbers and quotations, and where it was thrown. */
function kindOf({ message, stack = '' }: Error): string {
  const place = stack.split('\n').find((line) => line.trimStart().startsWith('at '));
  return `${message.replaceAll(/\d+|"[^"]*"|'[^']*'/g, '')} ${place ?? ''}`;
}
