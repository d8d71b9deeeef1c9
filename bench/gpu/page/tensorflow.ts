/** The peer: TensorFlow.js on the same interface of the browser. */
import { MathBackendWebGL, version_webgl } from '@tensorflow/tfjs-backend-webgl';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { type Tensor, tensor } from '../../../src/tensor/index.ts';
import type { Mode } from '../api.ts';
import type { Contender } from './contender.ts';

export interface Tensorflow {
  /** Name and version. */
  readonly name: string;
  /** Resolves when the device has done all that it was given. */
  readonly finish: () => Promise<void>;
}

let opened: Promise<Tensorflow> | undefined;

/** A page measures one mode, so that two devices never share its time. */
export function tensorflow(mode: Mode): Promise<Tensorflow> {
  opened ??= open(mode);
  return opened;
}

async function open(mode: Mode): Promise<Tensorflow> {
  tf.enableProdMode(); // no search for NaN in each result
  const name = mode === 'webgl2' ? 'webgl' : 'webgpu';
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js has no ${name} here`);
  await tf.ready();
  return { name: `tfjs-${name} ${version_webgl}`, finish: finisher(tf.backend()) };
}

function finisher(backend: unknown): () => Promise<void> {
  if (backend instanceof WebGPUBackend) return () => finishWebgpu(backend);
  if (!(backend instanceof MathBackendWebGL)) throw new Error('TensorFlow.js computes elsewhere');
  const { gl } = backend.getGPGPUContext();
  return () => finishWebgl(gl as WebGL2RenderingContext);
}

async function finishWebgl(gl: WebGL2RenderingContext): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)!;
  gl.flush();
  while (gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) await soon();
  gl.deleteSync(fence);
}

/** They collect commands and send them fifteen at a time: what is left must be sent first. */
async function finishWebgpu(backend: WebGPUBackend): Promise<void> {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.device.queue.onSubmittedWorkDone();
}

/** A later task, for a fence never changes within one. Busier waiting would take time from a processor that draws. */
const soon = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));

/** A contender that computes a tensor of theirs. `inputs` are disposed of with it. */
export function tensorflowContender(
  { finish }: Tensorflow,
  inputs: readonly tf.Tensor[],
  compute: () => tf.Tensor,
  toNchw: (result: Tensor) => Tensor,
): Contender {
  let results: tf.Tensor[] = [];
  const release = (): void => {
    tf.dispose(results);
    results = [];
  };
  return {
    launch: () => void results.push(tf.tidy(compute)),
    finish,
    async read() {
      const result = results.at(-1)!;
      return toNchw(tensor(result.shape, await result.data()));
    },
    release,
    dispose() {
      release();
      tf.dispose([...inputs]);
    },
  };
}
