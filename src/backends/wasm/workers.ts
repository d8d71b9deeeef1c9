/** Workers of Node and of browsers behind one face: messages there, messages back, and what killed one. */
import { nodeBuiltin } from './node-builtin.ts';
import { workerScript } from './worker-script.ts';

export interface TeamWorker {
  readonly post: (message: object) => void;
  /** In Node: whether waiting for this worker keeps the process alive. */
  readonly hold: (held: boolean) => void;
  readonly terminate: () => void;
}

export interface WorkerEvents {
  readonly message: (answer: Answer) => void;
  /** May be told more than once. */
  readonly death: (reason: string) => void;
}

/** What a worker answers to a message. */
export interface Answer {
  readonly error?: string;
}

/** A new worker. It may turn out dead later, e.g. where a content-security policy forbids workers made of text. */
export function startWorker(events: WorkerEvents): TeamWorker {
  return startNodeWorker(events) ?? startWebWorker(events);
}

function startNodeWorker({ message, death }: WorkerEvents): TeamWorker | undefined {
  const threads = nodeBuiltin('node:worker_threads');
  if (!threads) return undefined;
  // Flags of the parent, such as loaders of tests, are of no use to the script.
  const worker = new threads.Worker(workerScript, { eval: true, execArgv: [] });
  worker.unref();
  worker.on('message', message);
  worker.on('error', (error: Error) => death(error.message));
  worker.on('exit', (code: number) => death(`it ended with code ${code}`));
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
