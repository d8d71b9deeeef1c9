/** Our side: graphs of one layer, compiled by a backend. */
import type { DeviceTensor, Fed, Plan } from '../../../src/backends/index.ts';
import { type Graph, type ParameterSource, trace } from '../../../src/graph/index.ts';
import {
  convolution,
  crop,
  deconvolution,
  leakyRelu,
  psroiPooling,
  relu,
  type Value,
  warp,
} from '../../../src/ops/index.ts';
import type { Shape, Tensor } from '../../../src/tensor/index.ts';
import { isDeviceTensor, toHost } from '../../../src/backends/index.ts';
import type { LayerWork } from '../work.ts';
import type { Device } from './devices.ts';
import type { Contender } from './contender.ts';
import { like, type LayerInputs, psroiAttributes, type PsroiInputs, type WarpInputs } from './inputs.ts';

export function layerContender(device: Device, layer: LayerWork, inputs: LayerInputs): Promise<Contender> {
  const { data, weight, bias } = inputs;
  const parameters = new Map([
    ['weight', weight],
    ['bias', bias],
  ]);
  const feeds = layer.crop ? { data, like: like(layer.crop) } : { data };
  return contender(device, layerGraph(layer), parameters, feeds);
}

/** The layer with its bias, crop and activation, as the networks have it. */
export function layerGraph(layer: LayerWork): Graph {
  const shapes: Record<string, Shape> = { data: layer.data };
  if (layer.crop) shapes['like'] = [1, 1, ...layer.crop];
  return trace((parameters, { data, like }) => {
    const filters = layer.weight[layer.kind === 'convolution' ? 0 : 1]!;
    return {
      out: layerOutput(
        layer,
        data!,
        parameters.get('weight', layer.weight),
        parameters.get('bias', [filters]),
        like,
      ),
    };
  }, shapes);
}

/** @param like has the rows and columns to which the result of a deconvolution is cropped */
export function layerOutput<V extends Value>(layer: LayerWork, data: V, weight: V, bias: V, like?: V): V {
  const { kind, stride, pad, dilation, slope } = layer;
  const attributes = { stride, pad, dilation };
  const result =
    kind === 'convolution'
      ? convolution(data, weight, bias, attributes)
      : crop(deconvolution(data, weight, bias, attributes), like!, { offset: 1 });
  return slope === 0 ? relu(result) : slope === 1 ? result : leakyRelu(result, { slope });
}

export function warpContender(device: Device, inputs: WarpInputs): Promise<Contender> {
  const { feature, flow, scale } = inputs;
  const shapes = { feature: feature.shape, flow: flow.shape, scale: scale.shape };
  const graph = trace((_, { feature, flow, scale }) => ({ out: warp(feature, flow, scale) }), shapes);
  return contender(device, graph, new Map(), { feature, flow, scale });
}

export function psroiContender(device: Device, { data, rois }: PsroiInputs): Promise<Contender> {
  const graph = trace((_, { data, rois }) => ({ out: psroiPooling(data, rois, psroiAttributes) }), {
    data: data.shape,
    rois: rois.shape,
  });
  return contender(device, graph, new Map(), { data, rois }, ['rois']);
}

/** @param onHost inputs that a network makes on the host, too, and that are uploaded with every run */
async function contender(
  device: Device,
  graph: Graph,
  parameters: ParameterSource,
  tensors: Readonly<Record<string, Tensor>>,
  onHost: readonly string[] = [],
): Promise<Contender> {
  const plan: Plan = await device.backend.compile(graph, parameters);
  const fed: Record<string, Fed> = {};
  for (const [name, value] of Object.entries(tensors)) {
    fed[name] = onHost.includes(name) ? value : await device.upload(value);
  }
  let results: Fed[] = [];
  const release = (): void => {
    for (const result of results) dispose(result);
    results = [];
  };
  return {
    async launch() {
      const { out } = await plan.run(fed, { keepOnDevice: ['out'] });
      results.push(out!);
    },
    finish: () => device.finish(),
    read: () => toHost(results.at(-1)!),
    release,
    dispose() {
      release();
      for (const value of Object.values(fed)) dispose(value);
      plan.dispose();
    },
  };
}

function dispose(value: Tensor | DeviceTensor): void {
  if (isDeviceTensor(value)) value.dispose();
}
