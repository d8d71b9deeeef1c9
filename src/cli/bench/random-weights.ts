/**
 * Weights for networks whose speed is measured, when no checkpoint is at hand. He initialisation keeps activations at
 * the size of the image's values through a hundred layers; the last normalisation of each residual block is damped, or
 * the sums would grow with every block, and so are the layers whose results are boxes, scores and flow.
 */
import type { Graph } from '../../graph/index.ts';
import { elementCount, full, type Shape, type Tensor } from '../../tensor/index.ts';
import { randomTensor, uniform } from './random.ts';

const DAMPED_GAMMA = 0.2;
const SMALL_DEVIATION = 1e-3;
const PREDICTIONS = /^(rpn_|rfcn_|Convolution\d)/;

/** Weights for every parameter that any of the graphs asks for. */
export function randomWeights(graphs: readonly Graph[], seed: number = 1): ReadonlyMap<string, Tensor> {
  const random = uniform(seed);
  const weights = new Map<string, Tensor>();
  for (const { name, shape } of graphs.flatMap(({ parameters }) => parameters)) {
    if (!weights.has(name)) weights.set(name, weight(name, shape, random));
  }
  return weights;
}

function weight(name: string, shape: Shape, random: () => number): Tensor {
  if (name.endsWith('_gamma')) return full(shape, name.includes('branch2c') ? DAMPED_GAMMA : 1);
  if (name.endsWith('_moving_var')) return full(shape, 1);
  if (!name.endsWith('_weight')) return full(shape, 0);
  if (PREDICTIONS.test(name)) return randomTensor(shape, random, SMALL_DEVIATION);
  const inputs = elementCount(shape) / shape[0]!;
  return randomTensor(shape, random, Math.sqrt(2 / inputs));
}
