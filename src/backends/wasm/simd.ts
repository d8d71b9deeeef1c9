/** What this engine's WebAssembly can do. */
import { UnsupportedBackendError } from '../../tensor/errors.ts';
import { f32x4, multiplyAdd, writeModule } from './assembler/index.ts';
import { compileModule } from './compile-module.ts';
import { nodeBuiltin } from './node-builtin.ts';

/** Which vector instructions kernels are made of. Relaxed ones may fuse a product and a sum. */
export type Simd = 'plain' | 'relaxed';

/** A module of one vector instruction. */
function probe(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const module = writeModule({ relaxed, pages: 1, shared: false });
  module.functionTo('v128', 'probe', { x: 'f32' }, (body, { x }) => {
    const vector = body.let(f32x4.splat(x));
    return multiplyAdd(relaxed, vector, vector, vector);
  });
  return module.bytes();
}

const has = (simd: Simd): boolean => WebAssembly.validate(probe(simd === 'relaxed'));

/**
 * What can be asked for: instructions; `best`, the best that are switched on; or `fastest`, relaxed ones wherever the
 * engine has them. `relaxed` and `fastest` switch them on, for the whole process, in versions of Node that have them
 * behind a flag.
 */
export type SimdChoice = Simd | 'best' | 'fastest';

/**
 * The vector instructions to use.
 *
 * @throws UnsupportedBackendError where there are none, or not those that were asked for
 */
export function chooseSimd(wanted: SimdChoice = 'best'): Simd {
  if (typeof WebAssembly === 'undefined') {
    throw new UnsupportedBackendError(
      'backend wasm: there is no WebAssembly here; use the backend reference',
    );
  }
  if (!has('plain')) {
    throw new UnsupportedBackendError(
      "backend wasm: this engine's WebAssembly has no vector instructions (SIMD); use a newer one, or the backend reference",
    );
  }
  if (wanted === 'plain') return 'plain';
  if (has('relaxed')) return 'relaxed';
  if (wanted === 'best') return 'plain';
  nodeBuiltin('node:v8')?.setFlagsFromString('--experimental-wasm-relaxed-simd');
  if (has('relaxed')) return 'relaxed';
  if (wanted === 'fastest') return 'plain';
  throw new UnsupportedBackendError(
    "backend wasm: this engine's WebAssembly has no relaxed vector instructions; leave out simd, or ask for plain",
  );
}

/**
 * Compiles something. A content-security policy may forbid that where `validate` approves of everything.
 *
 * @throws UnsupportedBackendError where it does
 */
export async function checkCompiling(): Promise<void> {
  await compileModule(probe(false));
}
