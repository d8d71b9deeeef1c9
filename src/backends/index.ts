/** Backends: what runs graphs. */
import { UnsupportedBackendError } from '../tensor/errors.ts';
import type { Backend } from './backend.ts';
import type { GpuOptions } from './gpu/index.ts';
import { referenceBackend } from './reference/index.ts';
import type { WasmOptions } from './wasm/index.ts';

export * from './backend.ts';
export { type GpuMode, gpuModes } from './gpu/modes.ts';
export { referenceBackend } from './reference/index.ts';

/** What a backend may be told when it is made. The reference needs nothing. */
export interface BackendOptions extends GpuOptions, WasmOptions {}

/** Backends that can be asked for by name. Those that are large are loaded when they are. */
const makers: Readonly<Record<string, (options?: BackendOptions) => Promise<Backend>>> = {
  reference: async () => referenceBackend(),
  wasm: async (options) => (await import('./wasm/index.ts')).wasmBackend(options),
  gpu: async (options) => (await import('./gpu/index.ts')).gpuBackend(options),
};

export const backendNames: readonly string[] = Object.keys(makers);

/** @throws UnsupportedBackendError for a name that no backend has */
export function checkBackendName(name: string): void {
  if (backendNames.includes(name)) return;
  throw new UnsupportedBackendError(`backend ${name} does not exist; there is ${backendNames.join(', ')}`);
}

/**
 * The backend of a name.
 *
 * @throws UnsupportedBackendError for any other name, and where the backend cannot run
 * @example const backend = await createBackend('gpu', { mode: 'best' });
 */
export async function createBackend(name: string, options?: BackendOptions): Promise<Backend> {
  checkBackendName(name);
  return makers[name]!(options);
}
