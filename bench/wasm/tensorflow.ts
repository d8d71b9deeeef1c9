/** The other peer: TensorFlow.js in WebAssembly, on one thread (it has no others in Node). */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

export const tensorflowVersion: string = version_wasm;

export async function startTensorflow(): Promise<void> {
  const program = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(program)}/`);
  tf.enableProdMode(); // no search for NaN in each result
  if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js has no WebAssembly here');
}
