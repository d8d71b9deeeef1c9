/**
 * The gradient of propagation as a whole (FlowNet, flow and scale heads, sampler, product) against central differences
 * in float64, in every weight, in both images and in the key feature.
 *
 * Kinks are kept away by construction. Every layer has biases of ±1 and weights so small that no activation comes near
 * zero; half of them lie on either side of the leaky ReLU's. The flow is between 0.2 and 0.8 pixels off whole ones.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Graph, trace } from '../../src/graph/index.ts';
import { configure, featureCells, featureChannels, FLOW_FACTOR, propagate } from '../../src/nets/index.ts';
import { elementCount, type Shape, type Tensor, tensor } from '../../src/tensor/index.ts';
import { graphGradientProblems, randomNumbers, runs } from '../../src/testing/index.ts';
import { randomImages, randomTensor } from './tiny-network.ts';

const CASES = 1;

/** How many products an output of a layer adds up. An output of a 4 × 4 deconvolution at stride 2 meets 2 × 2 taps. */
function termsOf(name: string, shape: Shape): number {
  const enlarges = /^(deconv|upsample)/.test(name);
  return enlarges ? elementCount(shape) / shape[1]! / 4 : elementCount(shape) / shape[0]!;
}

function smoothWeights({ parameters }: Graph, next: () => number): Map<string, Tensor> {
  return new Map(
    parameters.map(({ name, shape }) => {
      if (name.endsWith('_weight')) {
        const reach = name === 'Convolution5_weight' ? 0.05 : 0.6;
        return [name, randomTensor(shape, next, reach / Math.sqrt(termsOf(name, shape)))];
      }
      const whole = (): number => Math.round(1.5 * next());
      const values = Array.from({ length: shape[0]! }, () =>
        name === 'Convolution5_bias' ? (whole() + 0.5 + 0.2 * next()) / FLOW_FACTOR : Math.sign(next()),
      );
      return [name, tensor(shape, Float64Array.from(values))];
    }),
  );
}

test.each([
  ['simple', 64, 40, 56],
  ['half', 32, 56, 40],
] as const)(
  'FlowNet %s at a %ith of its width, %i x %i pixels',
  (flowNetwork, widthDivisor, height, width) => {
    const configuration = configure({ flowNetwork, widthDivisor });
    const image = [1, 3, height, width];
    const feature = [1, featureChannels(configuration), featureCells(height), featureCells(width)];
    const graph = trace(
      (parameters, { current, key, keyFeature }) => ({
        feature: propagate(parameters, current, key, keyFeature, configuration),
      }),
      { current: image, key: image, keyFeature: feature },
    );
    const learned = ['keyFeature', ...graph.parameters.map(({ name }) => name)];
    expect(learned.length).toBeGreaterThan(40);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const next = randomNumbers(seed);
        const feeds = {
          current: randomImages(1, height, width, next),
          key: randomImages(1, height, width, next),
          keyFeature: randomTensor(feature, next, 2),
          ...Object.fromEntries(smoothWeights(graph, next)),
        };
        const claim = { graph, loss: ['feature'], feeds };
        expect(graphGradientProblems({ ...claim, wrt: learned }, seed)).toEqual([]);
        // One step of a pixel's 256 is little to the network, which divides by 255.
        const pixels = { ...claim, wrt: ['current', 'key'] };
        expect(graphGradientProblems(pixels, seed, { step: 1 })).toEqual([]);
      }),
      { numRuns: runs(CASES) },
    );
  },
);
