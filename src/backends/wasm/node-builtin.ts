/**
 * What this backend uses of Node, without importing it: undefined in browsers, and nothing for a bundler to resolve.
 */
export interface NodeWorker {
  postMessage(message: object): void;
  on(event: 'message' | 'error' | 'exit', listener: (value: never) => void): void;
  /** Whether the process stays alive for it. */
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

interface Builtins {
  'node:worker_threads': {
    readonly Worker: new (
      code: string,
      options: { readonly eval: true; readonly execArgv: readonly string[] },
    ) => NodeWorker;
  };
  'node:os': { availableParallelism(): number };
  'node:v8': { setFlagsFromString(flags: string): void };
}

export function nodeBuiltin<K extends keyof Builtins>(name: K): Builtins[K] | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as Builtins[K] | undefined;
}
