/** The official networks at a 64th of their width, with random weights and images. */
import type { Graph } from '../../src/graph/index.ts';
import { configure, type NetworkConfiguration } from '../../src/nets/index.ts';
import { elementCount, type Shape, type Tensor, tensor } from '../../src/tensor/index.ts';
import { randomNumbers } from '../../src/testing/index.ts';

export const tiny: NetworkConfiguration = configure({
  depth: 50,
  widthDivisor: 64,
  classes: 3,
  proposals: { preNms: 100, postNms: 12, nmsThreshold: 0.7, minSize: 0 },
});

/** Random numbers between ± `reach`. */
export function randomTensor(shape: Shape, next: () => number, reach: number): Tensor {
  return tensor(
    shape,
    Float64Array.from({ length: elementCount(shape) }, () => Math.fround(reach * next())),
  );
}

/** Weights that keep activations at the size of the image's values, and parameters of batch norms around the identity. */
export function randomWeights(graphs: readonly Graph[], seed: number): Map<string, Tensor> {
  const next = randomNumbers(seed);
  const weights = new Map<string, Tensor>();
  for (const { name, shape } of graphs.flatMap(({ parameters }) => parameters)) {
    if (weights.has(name)) continue;
    const around = (centre: number): Tensor => {
      const { data } = randomTensor(shape, next, 0.25);
      return tensor(
        shape,
        data.map((x) => centre + x),
      );
    };
    if (/_(gamma|moving_var)$/.test(name)) weights.set(name, around(1));
    else if (!name.endsWith('_weight')) weights.set(name, around(0));
    else weights.set(name, randomTensor(shape, next, Math.sqrt((6 * shape[0]!) / elementCount(shape))));
  }
  return weights;
}

export function randomImages(count: number, height: number, width: number, next: () => number): Tensor {
  return randomTensor([count, 3, height, width], next, 100);
}
