/** What the official graphs have to do with each other, whatever the weights and images. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Graph, interpret } from '../../src/graph/index.ts';
import { featureCells, featureChannels, officialGraph } from '../../src/nets/index.ts';
import { cast, compare, full, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { randomNumbers, runs } from '../../src/testing/index.ts';
import { randomImages, randomWeights, tiny } from './tiny-network.ts';

type Values = Readonly<Record<string, Tensor>>;
type Weights = ReadonlyMap<string, Tensor>;

const CASES = 5;
const outputs = ['rois_output', 'cls_prob_reshape_output', 'bbox_pred_reshape_output'] as const;

function run(graph: Graph, inputs: Values, weights: Weights, dtype: Tensor['dtype']): Values {
  const typed = (values: Iterable<readonly [string, Tensor]>): [string, Tensor][] =>
    [...values].map(([name, value]) => [name, cast(value, dtype)]);
  const feeds = {
    inputs: Object.fromEntries(typed(Object.entries(inputs))),
    parameters: new Map(typed(weights)),
  };
  return interpret(graph, feeds).outputs;
}

const information = (count: number, height: number, width: number): Tensor =>
  tensor(
    [count, 3],
    Float64Array.from({ length: 3 * count }, (_, i) => [height, width, 1][i % 3]!),
  );

/** A frame through the key graph. Its other inputs are passed through. */
function keyFrame(data: Tensor, weights: Weights, dtype: Tensor['dtype']): Values {
  const [, , height = 0, width = 0] = data.shape;
  const graph = officialGraph('key', tiny, { height, width });
  const unused = { data_key: data, feat_key: zeros([1, featureChannels(tiny), 1, 1]) };
  return run(graph, { data, im_info: information(1, height, width), ...unused }, weights, dtype);
}

/** FlowNet's last two layers such that nothing moves and nothing is scaled, whatever it sees. */
function atRest(weights: Weights): Weights {
  const set = (name: string, value: number): [string, Tensor] => {
    const { shape } = weights.get(name)!;
    return [name, full(shape, value, 'float64')];
  };
  return new Map([
    ...weights,
    set('Convolution5_weight', 0),
    set('Convolution5_bias', 0),
    set('Convolution5_scale_weight', 0),
    set('Convolution5_scale_bias', 1),
  ]);
}

const graphsFor = (height: number, width: number): Graph[] =>
  (['key', 'current'] as const).map((kind) => officialGraph(kind, tiny, { height, width }));

// Zero flow reads exactly on the pixels where MXNet's coordinates from −1 to 1 are exact: for 2^n + 1 cells a side.
test.each([
  ['float32', [48, 80], 0],
  ['float32', [80, 144], 0],
  ['float64', [64, 100], 1e-9],
] as const)(
  'a current frame with zero flow and unit scale is its key frame: %s, %j pixels',
  (dtype, [height, width], tolerance) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const next = randomNumbers(seed);
        const weights = atRest(randomWeights(graphsFor(height, width), seed));
        const [image, other] = [randomImages(1, height, width, next), randomImages(1, height, width, next)];
        const key = keyFrame(image, weights, dtype);
        const graph = officialGraph('current', tiny, { height, width });
        const inputs = {
          data: other,
          im_info: information(1, height, width),
          data_key: image,
          feat_key: key['feat_conv_3x3_relu_output']!,
        };
        const current = run(graph, inputs, weights, dtype);
        for (const name of outputs) {
          const bound = { absolute: tolerance, relative: tolerance };
          expect([name, compare(current[name]!, key[name]!, bound).misses]).toEqual([name, 0]);
        }
      }),
      { numRuns: runs(CASES) },
    );
  },
);

test('a batch gives, image by image, what the key graph and the current graph give', () => {
  const size = fc.integer({ min: 33, max: 90 });
  fc.assert(
    fc.property(size, size, fc.integer({ min: 1, max: 3 }), fc.integer(), (height, width, images, seed) => {
      const next = randomNumbers(seed);
      const weights = randomWeights(graphsFor(height, width), seed);
      const data = randomImages(images + 1, height, width, next);
      const [first, ...others] = split(data);
      const key = keyFrame(first!, weights, 'float32');
      const graph = officialGraph('current', tiny, { height, width });
      const singles = others.map((image) =>
        run(
          graph,
          {
            data: image,
            im_info: information(1, height, width),
            data_key: first!,
            feat_key: key['feat_conv_3x3_relu_output']!,
          },
          weights,
          'float32',
        ),
      );
      const pixels = data.data.length / (images + 1);
      const batch = run(
        officialGraph('batch', tiny, { height, width, images }),
        {
          data_key: first!,
          data_other: tensor([images, 3, height, width], data.data.slice(pixels)),
          im_info: information(images + 1, height, width),
        },
        weights,
        'float32',
      );
      for (const name of outputs) {
        const expected = [key, ...singles].map((values, n) => rowsOf(name, values[name]!, n));
        expect([name, [...batch[name]!.data]]).toEqual([name, expected.flat()]);
      }
    }),
    { numRuns: runs(CASES) },
  );
});

/** The images of a batch. */
function split({ shape, data }: Tensor): Tensor[] {
  const [N = 0, ...image] = shape;
  const length = data.length / N;
  return Array.from({ length: N }, (_, n) => tensor([1, ...image], data.slice(n * length, (n + 1) * length)));
}

/** The numbers of one image; its regions as those of image n. */
function rowsOf(name: string, { data }: Tensor, n: number): number[] {
  return [...data].map((x, i) => (name === 'rois_output' && i % 5 === 0 ? n : x));
}

test('the feature map has the cells that the tests above count on', () => {
  expect([48, 80, 144, 64, 100].map(featureCells)).toEqual([3, 5, 9, 4, 7]);
});
