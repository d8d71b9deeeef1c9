/**
 * A crew: workers that do one job at a time, all of them. A job is a message to each and an answer from each.
 *
 * A thread that fails answers with an error, and the crew goes on. A worker that dies takes its crew with it: the others
 * finish what they are at, so that nobody writes into a plan's memory any more when the job is given up, and end.
 */
import { DffError } from '../../tensor/errors.ts';
import { control } from './program.ts';
import { startWorker, type TeamWorker } from './workers.ts';

export interface Crew {
  readonly isAlive: () => boolean;
  /**
   * Sends every worker a message, with its number, and resolves when all have answered. One job at a time.
   *
   * @param memory where the threads of this job wait for each other, if they do
   */
  tell(message: object, memory?: WebAssembly.Memory): Promise<void>;
  /** Ends the workers, whatever they are at; a job is given up with this error. */
  end(error: DffError): void;
}

interface Job {
  /** Threads that have not answered. */
  readonly missing: Set<number>;
  readonly memory: WebAssembly.Memory | undefined;
  error?: DffError;
  readonly resolve: () => void;
  readonly reject: (error: DffError) => void;
}

/** @throws an error of the platform where it lets nobody start workers */
export function startCrew(threads: number): Crew {
  const workers: TeamWorker[] = [];
  let job: Job | undefined;
  let death: DffError | undefined;

  const terminate = (): void => workers.forEach((worker) => worker.terminate());
  const settle = ({ error, resolve, reject }: Job): void => {
    job = undefined;
    workers.forEach((worker) => worker.hold(false));
    if (death) terminate();
    if (error) reject(error);
    else resolve();
  };
  const answered = (thread: number, error?: DffError): void => {
    if (!job?.missing.delete(thread)) return;
    if (error) {
      job.error ??= error;
      release(job);
    }
    if (job.missing.size === 0) settle(job);
  };
  const died = (thread: number, reason: string): void => {
    const first = death === undefined;
    death ??= failure(reason);
    if (job) answered(thread, death);
    else if (first) terminate();
  };
  const end = (error: DffError): void => {
    if (death && !job) return;
    death = error;
    if (!job) return terminate();
    release(job);
    settle({ ...job, error });
  };

  try {
    for (let thread = 0; thread < threads; thread++) {
      const message = ({ error }: { readonly error?: string }): void =>
        answered(thread, error === undefined ? undefined : failure(error));
      workers.push(startWorker({ message, death: (reason) => died(thread, reason) }));
    }
  } catch (error) {
    terminate();
    throw error;
  }

  return {
    isAlive: () => !death,
    tell: (message, memory) =>
      new Promise((resolve, reject) => {
        if (death) return reject(death);
        job = { missing: new Set(workers.keys()), memory, resolve, reject };
        workers.forEach((worker, thread) => {
          worker.hold(true);
          try {
            worker.post({ ...message, thread, threads });
          } catch (error) {
            answered(thread, failure(error instanceof Error ? error.message : String(error)));
          }
        });
      }),
    end,
  };
}

/** What an error of a worker begins with. */
export const FAILED = 'wasm: a worker failed: ';

const failure = (reason: string): DffError => new DffError(FAILED + reason);

/** Frees threads that wait for one that will not come. */
function release({ memory }: Job): void {
  if (!memory) return;
  const words = new Int32Array(memory.buffer, 0, control.bytes / 4);
  Atomics.store(words, control.stop / 4, 2);
  Atomics.notify(words, control.generation / 4);
}
