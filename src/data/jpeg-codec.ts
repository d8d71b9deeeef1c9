/**
 * The JPEG decoder and encoder: mozjpeg compiled to WebAssembly (`@jsquash/jpeg`), whose pixels are those of
 * libjpeg-turbo, which the official code read its frames with.
 *
 * The two modules are loaded when first needed. A browser or bundler fetches the .wasm beside its script; Node has no
 * `fetch` for files, so there it is read from the package. Anywhere else, hand a compiled module in.
 */
import { DffError } from '../tensor/errors.ts';

/** What we use of the Emscripten modules. */
export interface JpegDecoder {
  decode(bytes: Uint8Array, preserveOrientation: boolean): Pixels | null;
  /** All memory of the module, which grows with the largest image and never shrinks. */
  readonly HEAPU8: Uint8Array;
}

export interface JpegEncoder {
  encode(rgba: Uint8Array, width: number, height: number, options: object): Uint8Array;
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

type Factory = (options: object) => Promise<unknown>;

interface Codec {
  readonly factory: () => Promise<{ default: Factory }>;
  readonly wasm: string;
}

type CodecName = 'decoder' | 'encoder';

const codecs: Record<CodecName, Codec> = {
  decoder: {
    factory: () => import('@jsquash/jpeg/codec/dec/mozjpeg_dec.js'),
    wasm: '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm',
  },
  encoder: {
    factory: () => import('@jsquash/jpeg/codec/enc/mozjpeg_enc.js'),
    wasm: '@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm',
  },
};

/** One running module, and the line that it last complained with. */
export interface Running<T> {
  readonly module: T;
  readonly complaints: string[];
}

/** Compiled code can be shared; running modules cannot, once they have failed. */
const running = new Map<WebAssembly.Module | CodecName, Promise<Running<unknown>>>();

/** The decoder, started on first use. */
export function jpegDecoder(wasm?: WebAssembly.Module): Promise<Running<JpegDecoder>> {
  return start('decoder', wasm) as Promise<Running<JpegDecoder>>;
}

/** The encoder, started on first use. */
export function jpegEncoder(wasm?: WebAssembly.Module): Promise<Running<JpegEncoder>> {
  return start('encoder', wasm) as Promise<Running<JpegEncoder>>;
}

/** Drops a module that has failed half-way, or holds too much memory. The next use starts a fresh one. */
export function discardJpegCodec(which: CodecName, wasm?: WebAssembly.Module): void {
  running.delete(wasm ?? which);
}

function start(which: CodecName, wasm: WebAssembly.Module | undefined): Promise<Running<unknown>> {
  const key = wasm ?? which;
  let started = running.get(key);
  if (started === undefined) {
    started = instantiate(codecs[which], wasm).catch((error: unknown) => {
      running.delete(key);
      const reason = error instanceof Error ? error.message : String(error);
      throw new DffError(
        `jpeg: the ${which} could not be loaded (${reason}); hand in its compiled .wasm module`,
      );
    });
    running.set(key, started);
  }
  return started;
}

async function instantiate(codec: Codec, given: WebAssembly.Module | undefined): Promise<Running<unknown>> {
  const complaints: string[] = [];
  const listen = (line: string): void => void complaints.push(line);
  const { default: factory } = await codec.factory();
  const wasm = given ?? (await wasmInNode(codec.wasm));
  const instantiateWasm = (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => {
    const instance = new WebAssembly.Instance(wasm!, imports);
    done(instance);
    return instance.exports;
  };
  const options = { noInitialRun: true, print: listen, printErr: listen };
  return { module: await factory(wasm ? { ...options, instantiateWasm } : options), complaints };
}

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** The module as read from the package's files; undefined in a browser. */
function wasmInNode(specifier: string): Promise<WebAssembly.Module> | undefined {
  const inNode = typeof process === 'object' && typeof process.getBuiltinModule === 'function';
  if (!inNode || !import.meta.url.startsWith('file:')) return undefined;
  const { createRequire } = process.getBuiltinModule('node:module');
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  let module = compiled.get(specifier);
  if (module === undefined) {
    const path = createRequire(import.meta.url).resolve(specifier);
    module = readFile(path).then((bytes) => WebAssembly.compile(bytes));
    compiled.set(specifier, module);
  }
  return module;
}
