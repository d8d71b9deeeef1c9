/** The backend `wasm`: graphs as WebAssembly, with vector instructions and threads. Nothing to install, nothing to host. */
import { DffError } from '../../tensor/errors.ts';
import type { Backend } from '../backend.ts';
import { compile, NAME } from './compile.ts';
import { nodeBuiltin } from './node-builtin.ts';
import { chooseSimd, type Simd } from './simd.ts';
import type { Tuning } from './tuning.ts';
import { callingThread, workerTeam } from './team.ts';

export interface WasmOptions {
  /** Workers that compute. Default: one for each core. Where memory cannot be shared, one, without workers. */
  readonly threads?: number;
  readonly simd?: Simd | 'best';
  /** Shape of the inner loop; see `kernels/tile.ts`. Default: what is fastest here, timed once. */
  readonly tileShape?: Tuning['tile'];
  /** `reference`: nodes without a kernel run on the reference. Default: they are an error. */
  readonly fallback?: 'reference' | undefined;
}

export interface WasmBackend extends Backend {
  readonly threads: number;
  readonly simd: Simd;
}

/**
 * @throws UnsupportedBackendError where WebAssembly or its vector instructions are missing
 * @example const backend = await wasmBackend({ threads: 4 });
 */
export async function wasmBackend(options: WasmOptions = {}): Promise<WasmBackend> {
  const simd = chooseSimd(options.simd);
  const threads = options.threads ?? coreCount();
  if (!Number.isInteger(threads) || threads < 1) {
    throw new DffError(`backend wasm: threads is ${threads}, expected a whole number from 1`);
  }
  const team = typeof SharedArrayBuffer === 'undefined' ? callingThread() : workerTeam(threads);
  const tuning = {
    threads: team.threads,
    tile: { pixels: 4, unrolled: false },
    winograd: 4,
    saveMemory: false,
  } as const;
  return {
    name: NAME,
    mode: team.where,
    threads: team.threads,
    simd,
    compile: (graph, parameters) =>
      compile(graph, parameters, { team, simd, tuning, fallback: options.fallback === 'reference' }),
    dispose: () => team.dispose(),
  };
}

function coreCount(): number {
  const os = nodeBuiltin('node:os');
  if (os) return os.availableParallelism();
  return (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 1;
}
