/** The backend `wasm`: graphs as WebAssembly, with vector instructions and threads. Nothing to install, nothing to host. */
import type { Backend } from '../backend.ts';
import { checkOptions, MOST_THREADS } from './check-options.ts';
import { fastestTile } from './choose-tile.ts';
import { compile, NAME } from './compile.ts';
import { nodeBuiltin } from './node-builtin.ts';
import { openTeam } from './open-team.ts';
import { checkCompiling, chooseSimd, type Simd, type SimdChoice } from './simd.ts';
import { type Tuning, tuningOf } from './tuning.ts';

export { type ListedStep, type ListingOptions, listSteps, type StepListing } from './listing.ts';

export interface WasmOptions {
  /** Workers that compute, at most 256. Default: one for each core. Where there are no workers, see `wasmBackend`, this is 1. */
  readonly threads?: number;
  /** Vector instructions. Default `best`, the best that are switched on; `fastest` may switch some on in Node 20. */
  readonly simd?: SimdChoice;
  /** Whether accuracy goes before speed: Winograd's filtering by F(2×2) only, which is closer than plain sums. */
  readonly precise?: boolean;
  /** `low`: weights stay small where that costs speed. Default `normal`. */
  readonly memory?: 'normal' | 'low';
  /** Shape of the inner loop; see `kernels/tile.ts`. Default: what is fastest here, timed once. */
  readonly tileShape?: Tuning['tile'];
  /** `reference`: nodes without a kernel run on the reference. Default: they are an error. */
  readonly fallback?: 'reference' | undefined;
}

export interface WasmBackend extends Backend {
  readonly threads: number;
  readonly simd: Simd;
  /** Shape of the inner loop that was chosen. */
  readonly tileShape: Tuning['tile'];
}

/**
 * In a page, threads need cross-origin isolation and a content-security policy with `worker-src blob:`; without, the
 * calling thread computes, between pauses, and the report of a plan says why. Compiling needs `script-src
 * 'wasm-unsafe-eval'`.
 *
 * @throws UnsupportedBackendError where WebAssembly or its vector instructions are missing, or must not be compiled
 * @example const backend = await wasmBackend({ threads: 4 });
 */
export async function wasmBackend(options: WasmOptions = {}): Promise<WasmBackend> {
  checkOptions(options);
  const simd = chooseSimd(options.simd);
  const threads = options.threads ?? Math.min(coreCount(), MOST_THREADS);
  await checkCompiling();
  const team = await openTeam(threads);
  const tile = options.tileShape ?? (await fastestTile(team, simd === 'relaxed'));
  const tuning = tuningOf(options, team.threads, tile);
  return {
    name: NAME,
    mode: team.where,
    threads: team.threads,
    simd,
    tileShape: tile,
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
