/**
 * A small network with weights from a generator of random numbers: the official architecture with a sixteenth of the
 * channels. Nothing is learned in it. Its features still follow what the image shows, as those of any stack of
 * convolutions do, which is all that carrying them along a flow needs.
 */
import { type Graph, interpret } from '../../src/graph/index.ts';
import { configure, type NetworkConfiguration, officialGraph } from '../../src/nets/index.ts';
import { elementCount, full, type Shape, tensor, type Tensor, zeros } from '../../src/tensor/index.ts';
import { clip } from './scene.ts';

export const configuration: NetworkConfiguration = configure({ widthDivisor: 16 });

export interface DemoNetwork {
  readonly key: Graph;
  readonly current: Graph;
  readonly parameters: ReadonlyMap<string, Tensor>;
}

export const imInfo: Tensor = tensor([1, 3], [clip.height, clip.width, 1]);

/** Both graphs, and weights for them whose batch norms are fitted to one frame. */
export function demoNetwork(keyImage: Tensor, seed: number): DemoNetwork {
  const key = officialGraph('key', configuration, clip);
  const current = officialGraph('current', configuration, clip);
  const random = normal(seed);
  const parameters = new Map<string, Tensor>();
  for (const { name, shape } of [...key.parameters, ...current.parameters]) {
    if (!parameters.has(name)) parameters.set(name, startValue(name, shape, random));
  }
  for (const [name, value] of measuredStatistics(key, keyImage, parameters)) parameters.set(name, value);
  return { key, current, parameters };
}

/** What each input of the graphs is fed with. */
export function feedsFor(data: Tensor, keyImage: Tensor, keyFeature?: Tensor): Record<string, Tensor> {
  return {
    data,
    im_info: imInfo,
    data_key: keyImage,
    feat_key: keyFeature ?? zeros([1, 1024 / configuration.widthDivisor, 1, 1]),
  };
}

/** A residual unit's last batch norm starts small, or the sums would grow unit by unit. */
const RESIDUAL_GAMMA = 0.05;
/** Scores and boxes mean nothing here; small ones keep the proposals spread over the image. */
const HEAD_SCALE = 0.01;

function startValue(name: string, shape: Shape, random: () => number): Tensor {
  // The scale field starts as ones, as in the official training.
  if (name === 'Convolution5_scale_weight') return zeros(shape);
  if (name === 'Convolution5_scale_bias') return full(shape, 1);
  if (name.endsWith('_gamma')) return full(shape, name.includes('branch2c') ? RESIDUAL_GAMMA : 1);
  if (name.endsWith('_moving_var')) return full(shape, 1);
  if (!name.endsWith('_weight')) return zeros(shape);
  const scale = /^(rpn|rfcn)_/.test(name) ? HEAD_SCALE : 1;
  // The reduction's taps lie six cells apart: what it sees should be mostly what is in the middle.
  const width = name === 'feat_conv_3x3_weight' ? 0.3 : 0.8;
  return smoothFilters(shape, width, () => scale * random());
}

/** Share of the slopes in a filter, beside the blur. */
const SLOPES = 0.3;

/**
 * Random filters that are smooth, as learned ones mostly are: each a mixture of a Gaussian and its slopes to the right
 * and down, scaled by He's rule √(2 / inputs). `width` is the Gaussian's deviation over half the kernel.
 */
function smoothFilters(shape: Shape, width: number, random: () => number): Tensor {
  const [outputs = 0, inputs = 0, kernel = 1] = shape;
  const half = (kernel - 1) / 2;
  const deviation = width * half || 1;
  const places = Array.from({ length: kernel * kernel }, (_, k) => {
    const [x, y] = [((k % kernel) - half) / deviation, (Math.floor(k / kernel) - half) / deviation];
    return { x, y, weight: Math.exp(-(x * x + y * y) / 2) };
  });
  const total = places.reduce((sum, { weight }) => sum + weight, 0);
  const scale = Math.sqrt(2 / inputs) / total;
  const data = new Float32Array(elementCount(shape));
  let next = 0; // walks data[output, input, y, x] in order
  for (let filter = 0; filter < outputs * inputs; filter++) {
    const [blur, right, down] = [random(), SLOPES * random(), SLOPES * random()];
    for (const { x, y, weight } of places) data[next++] = scale * weight * (blur + right * x + down * y);
  }
  return tensor(shape, data);
}

/**
 * The mean and variance that each batch norm meets on an image, by name of the parameter. A graph is data: the same one
 * with other attributes normalises by batch, and its outputs are what we want to know.
 */
function measuredStatistics(
  graph: Graph,
  data: Tensor,
  parameters: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  const byBatch = { statistics: 'batch', momentum: 0 };
  const nodes = graph.nodes.map((node) =>
    node.operator === 'batchNorm' ? { ...node, attributes: { ...node.attributes, ...byBatch } } : node,
  );
  const keep = (name: string): boolean => /_moving_(mean|var)$/.test(name);
  return interpret({ ...graph, nodes }, { inputs: feedsFor(data, data), parameters }, { keep }).kept;
}

/** Standard normal numbers: Box and Muller's transform of mulberry32. */
function normal(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return (((x ^ (x >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
