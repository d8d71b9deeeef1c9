/** What the tests of the runtime run: the narrow network of the goldens, and chains of layers as long as they need. */
import { createHash } from 'node:crypto';
import { type Backend, type Plan, referenceBackend } from '../../../src/backends/index.ts';
import { loadModel } from '../../../src/dff/model.ts';
import { type Graph, type ParameterSource, trace } from '../../../src/graph/index.ts';
import { convolution } from '../../../src/ops/index.ts';
import { elementCount, type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { randomNumbers } from '../../../src/testing/index.ts';
import { checkpointBytes } from '../../dff/goldens.ts';

export type Tensors = Readonly<Record<string, Tensor>>;

/** A graph with all that it takes to run it. */
export interface Network {
  readonly graph: Graph;
  readonly parameters: ParameterSource;
  readonly feeds: Tensors;
}

/** Numbers between −scale and scale, the same for the same seed. */
export function noise(seed: number, shape: Shape, scale = 1): Tensor {
  const next = randomNumbers(seed);
  return tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => scale * next()),
  );
}

/** The narrow network on a frame that comes after a key frame, so that flow, warp and detection are all in it. */
export async function narrowNetwork(): Promise<Network> {
  const [height, width] = [96, 160];
  const { graph, parameters } = await loadModel(checkpointBytes('narrow-0000.params'));
  const size = { height, width };
  const image = noise(1, [1, 3, height, width], 100);
  const im_info = tensor([1, 3], [height, width, 1]);
  const key = graph('key', size);
  const feat_key = key.inputs.find(({ name }) => name === 'feat_key')!.shape;
  const plan = await referenceBackend().compile(key, parameters);
  const feeds = { data: image, data_key: image, im_info, feat_key: noise(2, feat_key) };
  const { feat_conv_3x3_relu_output } = (await plan.run(feeds)) as Tensors;
  return {
    graph: graph('current', size),
    parameters,
    feeds: {
      data: noise(3, [1, 3, height, width], 100),
      data_key: image,
      im_info,
      feat_key: feat_conv_3x3_relu_output!,
    },
  };
}

/** Convolutions one after the other, some milliseconds each, with a result that depends on all of them. */
export function chain(layers: number): Network {
  const [channels, size] = [24, 128];
  const graph = trace(
    (parameters, { x }) => {
      const weight = parameters.get('weight', [channels, channels, 3, 3]);
      let out = x;
      for (let layer = 0; layer < layers; layer++) out = convolution(out, weight, undefined, { pad: 1 });
      return { out };
    },
    { x: [1, channels, size, size] },
  );
  return {
    graph,
    parameters: new Map([['weight', noise(4, [channels, channels, 3, 3], 0.1)]]),
    feeds: { x: noise(5, [1, channels, size, size]) },
  };
}

export function compileOn(backend: Backend, { graph, parameters }: Network): Promise<Plan> {
  return backend.compile(graph, parameters);
}

/** What stands for all bits of all results: a hash of each. */
export function bits(results: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const entries = Object.entries(results as Tensors).map(([name, { data }]) => {
    const bytes = new Uint8Array(Float32Array.from(data).buffer);
    return [name, createHash('sha256').update(bytes).digest('hex')] as const;
  });
  return Object.fromEntries(entries);
}
