/** How operators are tested: with fused products and sums and without, on one thread and on several. */
import { afterAll, beforeAll } from 'vitest';
import { type WasmBackend, wasmBackend, type WasmOptions } from '../../../src/backends/wasm/index.ts';

export const plain: WasmOptions = { simd: 'plain', threads: 1 };
export const relaxed: WasmOptions = { simd: 'relaxed', threads: 3 };

/** For `describe.each`. */
export const settings: readonly (readonly [title: string, options: WasmOptions])[] = [
  ['plain vectors and one thread', plain],
  ['relaxed vectors and three threads', relaxed],
];

/** A backend for a file or a block of tests, made before and disposed of after; what it gives can be called in tests. */
export function aBackend(options: WasmOptions): () => WasmBackend {
  let backend: WasmBackend | undefined;
  beforeAll(async () => {
    backend = await wasmBackend(options);
  });
  afterAll(() => backend?.dispose());
  return () => backend!;
}
