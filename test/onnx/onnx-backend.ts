/** onnxruntime behind the backend interface: what it computes from our exported graphs, to hold against the reference. */
import * as ort from 'onnxruntime-web';
import { type Backend, type Fed, type Plan, toHost } from '../../src/backends/index.ts';
import { deadCode, type Graph, interpret, keepValues, type ParameterSource } from '../../src/graph/index.ts';
import { cutGraph, exportOnnx, type OnnxModel, type OnnxOptions } from '../../src/onnx/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import { withGiven } from '../goldens/given.ts';

ort.env.wasm.numThreads = 1;

/** What it prints besides failing: errors, without the remarks on operators that it moves about. */
const ONLY_ERRORS = 3;

export interface OpenModel {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/** A model as onnxruntime runs it, checked against what its export said of inputs and outputs. */
export async function openModel(model: OnnxModel): Promise<OpenModel> {
  const session = await ort.InferenceSession.create(model.bytes(), { logSeverityLevel: ONLY_ERRORS });
  const names = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join();
  if (
    session.inputNames.join() !== names(model.inputs) ||
    session.outputNames.join() !== names(model.outputs)
  ) {
    throw new Error(`inputs ${session.inputNames.join()}, outputs ${session.outputNames.join()}`);
  }
  return {
    async run(feeds) {
      const given = model.inputs.map(({ name, shape }) => {
        const data = Float32Array.from(feeds[name]!.data);
        return [name, new ort.Tensor('float32', data, shape)] as const;
      });
      const results = await session.run(Object.fromEntries(given));
      return Object.fromEntries(
        Object.entries(results).map(([name, { dims, data }]) => [name, tensor(dims, data as Float32Array)]),
      );
    },
    release: () => session.release(),
  };
}

/** For graphs that can be exported whole. */
export function onnxBackend(options: OnnxOptions = {}): Backend {
  return {
    name: 'onnxruntime',
    async compile(graph: Graph, parameters: ParameterSource): Promise<Plan> {
      const model = await openModel(exportOnnx(graph, parameters, options));
      return {
        async run(feeds) {
          return model.run(await onHost(feeds));
        },
        report: () => ({ backend: 'onnxruntime', nodes: [], passes: [] }),
        dispose: () => void model.release(),
      };
    },
    dispose() {},
  };
}

/** What is done to a graph and its parameters before they are exported. */
export type Prepare = (graph: Graph, parameters: ParameterSource) => readonly [Graph, ParameterSource];

/**
 * For graphs of which a part can be exported: that runs in onnxruntime, and what comes after the cut on the reference,
 * which is fed with the outputs of the first part.
 */
export function cutBackend(prepare: Prepare = (graph, parameters) => [graph, parameters]): Backend {
  return {
    name: 'onnxruntime, then reference',
    compile: (graph: Graph, parameters: ParameterSource): Promise<Plan> =>
      Promise.resolve({
        async run(fed, { keep = [] } = {}) {
          const inputs = await onHost(fed);
          const wanted = keepValues(graph, keep);
          const { graph: first } = cutGraph(wanted);
          const model = await openModel(exportOnnx(...prepare(first, parameters)));
          const computed = await model.run(inputs);
          await model.release();
          const rest = first.outputs.map(({ name }) => name).reduce(withGiven, wanted);
          return interpret(deadCode(rest), { inputs: { ...inputs, ...computed }, parameters }).outputs;
        },
        report: () => ({ backend: 'onnxruntime', nodes: [], passes: [] }),
        dispose() {},
      }),
    dispose() {},
  };
}

async function onHost(fed: Readonly<Record<string, Fed>>): Promise<Record<string, Tensor>> {
  const hosted = Object.entries(fed).map(async ([name, value]) => [name, await toHost(value)] as const);
  return Object.fromEntries(await Promise.all(hosted));
}
