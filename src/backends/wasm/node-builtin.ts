/** Modules of Node, without importing more than their types: undefined in browsers, and nothing for a bundler to resolve. */
import type * as os from 'node:os';
import type * as v8 from 'node:v8';
import type * as workerThreads from 'node:worker_threads';

interface Builtins {
  'node:worker_threads': typeof workerThreads;
  'node:os': typeof os;
  'node:v8': typeof v8;
}

export function nodeBuiltin<K extends keyof Builtins>(name: K): Builtins[K] | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as Builtins[K] | undefined;
}
