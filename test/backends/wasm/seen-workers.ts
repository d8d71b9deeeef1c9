/** The workers that the backend starts in Node, for tests that end them, and workers that cannot be started. */
import * as threads from 'node:worker_threads';
import { vi } from 'vitest';

type Builtins = typeof process.getBuiltinModule;

/** Gives whoever asks Node for workers this class. */
function replaceWorker(Worker: typeof threads.Worker): void {
  const original = process.getBuiltinModule.bind(process) as (name: string) => unknown;
  const replaced = (name: string): unknown =>
    name === 'node:worker_threads' ? { ...threads, Worker } : original(name);
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(replaced as Builtins);
}

/** All workers that are started from now on, in the order of their threads. */
export function seenWorkers(): threads.Worker[] {
  const seen: threads.Worker[] = [];
  replaceWorker(
    class extends threads.Worker {
      constructor(script: string | URL, options?: threads.WorkerOptions) {
        super(script, options);
        seen.push(this);
      }
    },
  );
  return seen;
}

/** Workers that throw when they are made, or that die before they have read a message. */
export function onlyWorker(how: 'throw' | 'die'): void {
  replaceWorker(
    class extends threads.Worker {
      constructor(_: string | URL, options?: threads.WorkerOptions) {
        if (how === 'throw') throw new Error('no workers for you');
        super("throw new Error('nothing runs here')", options);
      }
    },
  );
}
