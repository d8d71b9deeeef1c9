import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Graph, interpret, keepValues, optimize, statistics, trace } from '../../../src/graph/index.ts';
import { configure, type NetworkKind, officialGraph } from '../../../src/nets/index.ts';
import { relu } from '../../../src/ops/index.ts';
import { cast, type DType, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { randomNumbers, runs } from '../../../src/testing/index.ts';
import { randomImages, randomTensor, randomWeights, tiny } from '../../properties/tiny-network.ts';
import { distanceBetween, expectWellFormed, outputsOf, parametersOf, randomGraphs } from './kit.ts';

type Outputs = Readonly<Record<string, Tensor>>;

const kinds = ['key', 'current', 'batch', 'frame'] as const;

/** How many nodes there are of each operator. */
function census({ nodes }: Graph): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { operator } of nodes) counts[operator] = (counts[operator] ?? 0) + 1;
  return counts;
}

/** The heads, where nothing can be joined but the two reshapes behind the box deltas. */
const heads = {
  sliceChannel: 1,
  reshape: 5,
  softmaxActivation: 2,
  rpnInverseNormalize: 1,
  psroiPooling: 2,
};

/**
 * ResNet-101 has 104 convolutions with batch norm, all folded: the first, three in each of 33 units, and four that
 * project shortcuts. Activations stand behind the first, two in each unit, and the 33 sums; one more behind the last
 * convolution, which has no batch norm: 101 fused convolutions. Plain ones are the four projections.
 */
const resnet = { removed: 104 + 33 + 101, fused: 1 + 2 * 33 + 33 + 1, plain: 4 };

/**
 * FlowNet has 10 convolutions with activation on its way down. On its way up it enlarges features and flow four times
 * each, and cuts all eight; the four features have an activation. Its five convolutions that predict flow and the one
 * for the scale are plain. Grid, samples and product of the warp become one node.
 */
const flownet = { removed: 10 + 8 + 4 + 2, fused: 10, enlarged: 4 + 4, plain: 5 + 1 };

/** Convolutions of the heads: scores and deltas of regions, votes for classes and boxes. */
const headConvolutions = 4;

describe('optimize', () => {
  test.each<[NetworkKind, number, Readonly<Record<string, number>>]>([
    [
      'key',
      363 - resnet.removed - 1,
      {
        fusedConvolution: resnet.fused,
        convolution: resnet.plain + headConvolutions,
        pooling: 1 + 2, // behind the first convolution, and the two averages of votes
        proposal: 1,
      },
    ],
    [
      'frame',
      363 - resnet.removed - 1,
      {
        fusedConvolution: resnet.fused,
        convolution: resnet.plain + headConvolutions,
        pooling: 1 + 2,
        multiProposal: 1,
      },
    ],
    [
      'current',
      78 - flownet.removed - 1,
      {
        fusedConvolution: flownet.fused,
        fusedDeconvolution: flownet.enlarged,
        fusedWarp: 1,
        convolution: flownet.plain + headConvolutions,
        pooling: 2 + 2, // the images and the joined maps are halved
        concat: 1 + 4,
        divScalar: 2,
        mulScalar: 1,
        proposal: 1,
      },
    ],
    [
      'batch',
      425 - resnet.removed - flownet.removed - 1 - 2, // one follower: both tilings repeat once
      {
        fusedConvolution: resnet.fused + flownet.fused,
        fusedDeconvolution: flownet.enlarged,
        fusedWarp: 1,
        convolution: resnet.plain + flownet.plain + headConvolutions,
        pooling: 1 + 2 + 2,
        concat: 1 + 4 + 1,
        divScalar: 2,
        mulScalar: 1,
        multiProposal: 1,
      },
    ],
  ])('leaves of the %s graph of ResNet-101 %i nodes', (kind, count, operators) => {
    const graph = officialGraph(kind, configure({ widthDivisor: 64 }), { height: 64, width: 64 });
    const optimized = optimize(graph);
    expectWellFormed(optimized.graph);
    expect(optimized.graph.nodes.length).toBe(count);
    expect(census(optimized.graph)).toEqual({ ...heads, ...operators });
    expect(optimized.graph.inputs).toEqual(graph.inputs);
    expect(optimized.graph.outputs.map(({ name }) => name)).toEqual(graph.outputs.map(({ name }) => name));
    expect(statistics(optimized.graph).multiplyAdds).toBe(statistics(graph).multiplyAdds);
  });

  test.each(kinds)('leaves the outputs of the %s graph within 1e-10 in float64', (kind) => {
    for (const seed of [1, 2]) {
      const { plain, optimized } = bothWays(kind, seed, 'float64');
      expect(distanceBetween(optimized, plain)).toBeLessThan(1e-10);
    }
  });

  test('changes no bit of the current graph in float32, where no batch norm is folded', () => {
    const { plain, optimized } = bothWays('current', 1, 'float32');
    expect(optimized).toEqual(plain);
  });

  test.each(['key', 'batch'] as const)(
    'in float32, folded weights leave the %s graph about as near to float64 as it was',
    (kind) => {
      const { plain: truth } = bothWays(kind, 1, 'float64');
      const { plain, optimized } = bothWays(kind, 1, 'float32');
      expect(distanceBetween(optimized, truth)).toBeLessThan(1e-6 + 5 * distanceBetween(plain, truth));
    },
  );

  test('leaves the outputs of random graphs alone, up to rounding in float64', () => {
    fc.assert(
      fc.property(randomGraphs, fc.nat(), (graph, seed) => {
        const { graph: optimized, parameters } = optimize(graph);
        expectWellFormed(optimized);
        expect(optimized.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
        const source = parametersOf(graph.parameters, seed);
        const got = outputsOf(optimized, parameters(source), seed);
        expect(distanceBetween(got, outputsOf(graph, source, seed))).toBeLessThan(1e-9);
        expect(optimize(optimized)).toMatchObject({ graph: optimized, passes: [] });
      }),
      { numRuns: runs() },
    );
  });

  test('says which passes changed something', () => {
    const passesOf = (kind: NetworkKind): readonly string[] =>
      optimize(officialGraph(kind, tiny, { height: 64, width: 64 })).passes;
    expect(passesOf('key')).toEqual(['removeViews', 'deadCode', 'foldBatchNorm', 'fuseConvolution']);
    expect(passesOf('current')).toEqual([
      'removeViews',
      'deadCode',
      'fuseDeconvolution',
      'fuseWarp',
      'fuseConvolution',
    ]);
    const plain = trace((_, { x }) => ({ out: relu(x) }), { x: [1] });
    expect(optimize(plain)).toMatchObject({ graph: plain, passes: [] });
  });

  test('names what it joins after the last part, so that results are found where they were', () => {
    const size = { height: 64, width: 64 };
    const { graph } = optimize(officialGraph('key', tiny, size));
    const names = graph.nodes.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['conv1_relu', 'bn2a_branch1', 'res2a_relu', 'feat_conv_3x3_relu']),
    );
    const current = officialGraph('current', tiny, size);
    const kept = optimize(keepValues(current, ['warping_feat_output', 'crop_deconv5_output'])).graph;
    const operators = new Map(kept.nodes.map(({ name, operator }) => [name, operator]));
    expect(
      ['warping_feat', '_mul0', 'crop_deconv5', 'ReLU11', 'ReLU12'].map((name) => operators.get(name)),
    ).toEqual(['fusedWarp', 'elementwiseMul', 'fusedDeconvolution', 'leakyRelu', 'fusedDeconvolution']);
  });
});

/** What a small official graph gives as it is and optimized, with random weights. */
function bothWays(kind: NetworkKind, seed: number, dtype: DType): Record<'plain' | 'optimized', Outputs> {
  const graph = officialGraph(kind, tiny, { height: 80, width: 112, images: 2 });
  const next = randomNumbers(seed);
  const feeds = graph.inputs.map(
    ({ name, shape }) => [name, cast(randomFeed(name, shape, next), dtype)] as const,
  );
  const inputs = Object.fromEntries(feeds);
  const weights = Array.from(
    randomWeights([graph], seed),
    ([name, value]) => [name, cast(value, dtype)] as const,
  );
  const source = new Map(weights);
  const { graph: small, parameters } = optimize(graph);
  return {
    plain: interpret(graph, { inputs, parameters: source }).outputs,
    optimized: interpret(small, { inputs, parameters: parameters(source) }).outputs,
  };
}

/** Images, features, and the size of the images. */
function randomFeed(name: string, shape: readonly number[], next: () => number): Tensor {
  if (name === 'im_info') return tensor(shape, Array.from({ length: shape[0]! }, () => [80, 112, 1]).flat());
  if (name === 'feat_key') return randomTensor(shape, next, 2);
  return randomImages(shape[0]!, shape[2]!, shape[3]!, next);
}
