/** The other peer: TensorFlow.js in WebAssembly, on one thread (it has no others in Node). */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import type { LayerInputs } from '../gpu/page/inputs.ts';
import { toNchw } from '../gpu/page/layouts.ts';
import type { LayerWork } from '../gpu/work.ts';
import { layerComputation } from '../tensorflow-layers.ts';

export const tensorflowVersion: string = version_wasm;

export async function startTensorflow(): Promise<void> {
  const program = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(program)}/`);
  tf.enableProdMode(); // no search for NaN in each result
  if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js has no WebAssembly here');
}

/** Copies of a layer, each with the largest value of each of its channels. The numbers are in their memory already. */
export function tensorflowPeer(
  layer: LayerWork,
  copies: readonly LayerInputs[],
): { run(): Tensor[]; dispose(): void } {
  const computations = copies.map((inputs) => layerComputation(layer, inputs));
  return {
    run: () =>
      computations.map(({ compute }) => {
        const largest = tf.tidy(() => {
          const result = compute();
          return tf.maxPool(result, [result.shape[1], result.shape[2]], 1, 'valid');
        });
        const values = tensor(largest.shape, largest.dataSync());
        largest.dispose();
        return toNchw(values);
      }),
    dispose: () => computations.forEach(({ tensors }) => tf.dispose(Object.values(tensors))),
  };
}
