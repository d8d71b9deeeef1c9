/**
 * A team: who runs the programs of plans. Either workers that share the plan's memory, one job at a time, or the calling
 * thread, where there is no shared memory.
 *
 * When a worker dies, whatever was running fails with an error, and the next run gets a new team.
 */
import { DffError } from '../../tensor/errors.ts';
import { breather } from '../breathe.ts';
import { control, type StepRange } from './program.ts';
import { type Answer, startWorker, type TeamWorker } from './workers.ts';

export interface Team {
  readonly threads: number;
  readonly where: 'workers' | 'calling thread';
  /** Makes a program known to the team. */
  open(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<TeamProgram>;
  dispose(): void;
}

export interface TeamProgram {
  run(steps: StepRange): Promise<void>;
  close(): void;
}

type Run = (first: number, end: number, thread: number, threads: number) => void;

/** Longest time in which the calling thread does nothing else, between two steps, in milliseconds. */
const BREATH = 20;

/** Steps on the calling thread, with pauses between them. */
export function callingThread(): Team {
  return {
    threads: 1,
    where: 'calling thread',
    async open(module, memory) {
      const env = { memory, now: () => performance.now() };
      const { exports } = await WebAssembly.instantiate(module, { env });
      const run = exports['run'] as Run;
      return {
        async run({ first, end }) {
          const breathe = breather(BREATH);
          for (let step = first; step < end; step++) {
            run(step, step + 1, 0, 1);
            await breathe();
          }
        },
        close() {},
      };
    },
    dispose() {},
  };
}

/** What the team remembers of a program, to open it again in new workers. */
interface OpenProgram {
  readonly plan: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** Workers that are alive, and the answers that they owe. */
interface Crew {
  readonly workers: readonly TeamWorker[];
  readonly jobs: Map<number, Job>;
  death?: string;
}

interface Job {
  missing: number;
  error?: string;
  readonly memory: WebAssembly.Memory | undefined;
  readonly finish: (error?: string) => void;
}

export function workerTeam(threads: number): Team {
  const programs = new Map<number, OpenProgram>();
  let crew: Crew | undefined;
  let lastJob = 0;
  let lastPlan = 0;
  let queue: Promise<unknown> = Promise.resolve();

  /** Sends all workers a message and resolves when all have answered. */
  const tell = async (to: Crew, message: object, memory?: WebAssembly.Memory): Promise<void> => {
    const error = await new Promise<string | undefined>((resolve) => {
      if (to.death !== undefined) return resolve(to.death);
      const job = ++lastJob;
      to.jobs.set(job, { missing: threads, memory, finish: resolve });
      to.workers.forEach((worker, thread) => {
        worker.hold(true);
        worker.post({ ...message, job, thread, threads });
      });
    });
    if (to.jobs.size === 0) to.workers.forEach((worker) => worker.hold(false));
    if (error !== undefined) throw new DffError(`wasm: a worker failed: ${error}`);
  };

  /** The workers; new ones, to which all programs are known, where there are none. */
  const gather = async (): Promise<Crew> => {
    if (crew && crew.death === undefined) return crew;
    const made = (crew = startCrew(threads));
    for (const program of programs.values()) await tell(made, { kind: 'open', ...program });
    return made;
  };

  /** One after the other, whatever became of the one before. */
  const inTurn = <T>(job: () => Promise<T>): Promise<T> => {
    const done = queue.then(job, job);
    queue = done;
    return done;
  };

  return {
    threads,
    where: 'workers',
    open: (module, memory) =>
      inTurn(async () => {
        const program = { plan: ++lastPlan, module, memory };
        const there = await gather();
        programs.set(program.plan, program);
        await tell(there, { kind: 'open', ...program });
        return {
          run: (steps) =>
            inTurn(async () => tell(await gather(), { kind: 'run', plan: program.plan, ...steps }, memory)),
          close: () => {
            programs.delete(program.plan);
            void inTurn(async () => crew && tell(crew, { kind: 'close', plan: program.plan })).catch(
              () => {},
            );
          },
        };
      }),
    dispose: () => crew && end(crew, 'the backend was disposed of'),
  };
}

function startCrew(threads: number): Crew {
  const jobs = new Map<number, Job>();
  const crew: Crew = {
    jobs,
    workers: Array.from({ length: threads }, () =>
      startWorker({
        message({ job: number, error }: Answer) {
          const job = jobs.get(number);
          if (!job) return;
          if (error !== undefined) {
            job.error = error;
            release(job);
          }
          if (--job.missing > 0) return;
          jobs.delete(number);
          job.finish(job.error);
        },
        death: (reason) => end(crew, reason),
      }),
    ),
  };
  return crew;
}

/** Gives up all workers of a crew and fails what they were doing. */
function end(crew: Crew, reason: string): void {
  if (crew.death !== undefined) return;
  crew.death = reason;
  crew.workers.forEach((worker) => worker.terminate());
  for (const job of crew.jobs.values()) {
    release(job);
    job.finish(reason);
  }
  crew.jobs.clear();
}

/** Frees threads that wait for one that will not come. */
function release({ memory }: Job): void {
  if (!memory) return;
  const words = new Int32Array(memory.buffer, 0, control.bytes / 4);
  Atomics.store(words, control.stop / 4, 2);
  Atomics.notify(words, control.generation / 4);
}
