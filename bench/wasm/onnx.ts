/** The peer for whole networks and layers: onnxruntime in WebAssembly, given our graph as an ONNX model. */
import * as ort from 'onnxruntime-web';
import { type Graph, optimize, type ParameterSource } from '../../src/graph/index.ts';
import { exportOnnx } from '../../src/onnx/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';

export const onnxruntimeVersion: string = ort.env.versions.common;

/** What it prints besides failing: errors, without the remarks on operators that it moves about. */
const ONLY_ERRORS = 3;

export interface Peer {
  /** The outputs, copied out of its memory. */
  run(): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

/** @param threads the same for all sessions of a process */
export async function onnxPeer(
  graph: Graph,
  parameters: ParameterSource,
  feeds: Readonly<Record<string, Tensor>>,
  threads: number,
): Promise<Peer> {
  ort.env.wasm.numThreads = threads;
  const optimized = optimize(graph);
  const model = exportOnnx(optimized.graph, optimized.parameters(parameters));
  const session = await ort.InferenceSession.create(model.bytes(), {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: ONLY_ERRORS,
  });
  const given = model.inputs.map(({ name, shape }) => {
    return [name, new ort.Tensor('float32', feeds[name]!.data as Float32Array, shape)] as const;
  });
  const inputs = Object.fromEntries(given);
  return {
    async run() {
      const results = await session.run(inputs);
      return Object.fromEntries(
        Object.entries(results).map(([name, { dims, data }]) => [name, tensor(dims, data as Float32Array)]),
      );
    },
    release: () => session.release(),
  };
}
