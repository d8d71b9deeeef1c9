/** Workers of Node and of browsers behind one face: messages there, messages back, and what killed one. */
import type * as workerThreads from 'node:worker_threads';
import { nodeBuiltin } from './node-builtin.ts';
import { workerScript } from './worker-script.ts';

export interface TeamWorker {
  post(message: object): void;
  /** In Node: whether waiting for this worker keeps the process alive. */
  hold(held: boolean): void;
  terminate(): void;
}

export interface WorkerEvents {
  readonly message: (answer: Answer) => void;
  readonly death: (reason: string) => void;
}

/** What a worker answers to the message of a job. */
export interface Answer {
  readonly job: number;
  readonly error?: string;
}

/** A new worker. It may turn out dead later, e.g. where a content-security policy forbids workers made of text. */
export function startWorker(events: WorkerEvents): TeamWorker {
  const threads = nodeBuiltin('node:worker_threads');
  return threads ? startNodeWorker(threads, events) : startWebWorker(events);
}

function startNodeWorker(
  { Worker: NodeWorker }: typeof workerThreads,
  { message, death }: WorkerEvents,
): TeamWorker {
  // Flags of the parent, such as loaders of the tests, are of no use to the script.
  const worker = new NodeWorker(workerScript, { eval: true, execArgv: [] });
  worker.unref();
  worker.on('message', message);
  worker.on('error', (error) => death(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => death(`it ended with code ${code}`));
  return {
    post: (sent) => worker.postMessage(sent),
    hold: (held) => (held ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

function startWebWorker({ message, death }: WorkerEvents): TeamWorker {
  const url = URL.createObjectURL(new Blob([workerScript], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => message(data));
  worker.addEventListener('error', (event) => death(event.message || 'it could not be started'));
  return {
    post: (sent) => worker.postMessage(sent),
    hold() {},
    terminate() {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
