/**
 * Layers: operators with their parameters. `layer.convolution('conv1', x, { filters: 64, kernel: 7, stride: 2, pad: 3 })`
 * derives the shapes of `conv1_weight` and `conv1_bias`, asks for them and gives the node its official name, so that a
 * network file reads like the table in the paper.
 */
import type { Parameters } from '../graph/index.ts';
import {
  batchNorm,
  convolution,
  deconvolution,
  leakyRelu,
  named,
  type Pair,
  pair,
  pooling,
  relu,
  type Value,
} from '../ops/index.ts';

export interface ConvolutionLayer {
  readonly filters: number;
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly pad?: Pair;
  readonly dilation?: Pair;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
}

export interface Layers<V extends Value> {
  convolution(name: string, x: V, layer: ConvolutionLayer): V;
  /** Deconvolution with bias, as FlowNet has it. */
  deconvolution(
    name: string,
    x: V,
    layer: { readonly filters: number; readonly kernel: Pair; readonly stride: Pair },
  ): V;
  /** Batch norm with the stored statistics, in training too: how the official networks run it everywhere. */
  batchNorm(name: string, x: V): V;
  relu(name: string, x: V): V;
  /** FlowNet's activation: slope 0.1 for negative values. */
  leakyRelu(name: string, x: V): V;
  /** 2 × 2 averages at stride 2, the last row and column averaged over what is there: halves a map, rounding up. */
  halve(name: string, x: V): V;
}

const EPSILON = 1e-5;
const FLOWNET_SLOPE = 0.1;

const channelsOf = (x: Value): number => x.shape[1] ?? 0;

export function layers<V extends Value>(parameters: Parameters<V>): Layers<V> {
  return {
    convolution(name, x, { filters, kernel, bias = true, ...geometry }) {
      const weight = parameters.get(`${name}_weight`, [filters, channelsOf(x), ...pair(kernel)]);
      const offset = bias ? parameters.get(`${name}_bias`, [filters]) : undefined;
      return named(name, convolution(x, weight, offset, geometry));
    },
    deconvolution(name, x, { filters, kernel, stride }) {
      const weight = parameters.get(`${name}_weight`, [channelsOf(x), filters, ...pair(kernel)]);
      const bias = parameters.get(`${name}_bias`, [filters]);
      return named(name, deconvolution(x, weight, bias, { stride }));
    },
    batchNorm(name, x) {
      const channels = [channelsOf(x)];
      const gamma = parameters.get(`${name}_gamma`, channels);
      const beta = parameters.get(`${name}_beta`, channels);
      const mean = parameters.get(`${name}_moving_mean`, channels);
      const variance = parameters.get(`${name}_moving_var`, channels);
      const attributes = { epsilon: EPSILON, fixGamma: false, statistics: 'moving' } as const;
      return named(name, batchNorm(x, gamma, beta, mean, variance, attributes).output);
    },
    relu: (name, x) => named(name, relu(x)),
    leakyRelu: (name, x) => named(name, leakyRelu(x, { slope: FLOWNET_SLOPE })),
    halve: (name, x) =>
      named(name, pooling(x, { type: 'average', kernel: 2, stride: 2, convention: 'full' })),
  };
}
