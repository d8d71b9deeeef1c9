/** Compiling, with the one reason why it fails where modules are right. */
import { UnsupportedBackendError } from '../../tensor/errors.ts';

/** @throws UnsupportedBackendError where a content-security policy forbids compiling */
export async function compileModule(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = "a page's content-security policy must allow script-src 'wasm-unsafe-eval'";
    throw new UnsupportedBackendError(`backend wasm: the module does not compile (${reason}); ${hint}`, {
      cause: error,
    });
  }
}
