/**
 * Networks drawn at random: layers behind layers, joined, cut, added up and read by several. What single operators do not
 * show is seen here: values wanted in both layouts, views of values, memory used again.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { referenceBackend, toHost } from '../../../src/backends/index.ts';
import { type Graph, type Parameters, trace } from '../../../src/graph/index.ts';
import {
  concat,
  convolution,
  crop,
  deconvolution,
  elementwiseAdd,
  elementwiseMul,
  leakyRelu,
  mulScalar,
  pooling,
  relu,
  reshape,
  sigmoid,
  sliceAxis,
  sliceChannel,
  softmaxActivation,
  transpose,
  type Value,
} from '../../../src/ops/index.ts';
import { randomNumbers, runs } from '../../../src/testing/index.ts';
import { elementCount, type Shape, ShapeError, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { aBackend, plain, relaxed } from './settings.ts';

/** Chooses below a bound. */
type Choose = (bound: number) => number;

/** One way to make a value of others; undefined or a ShapeError where it does not fit. */
type Layer = <V extends Value>(
  pool: readonly V[],
  choose: Choose,
  parameters: Parameters<V>,
  name: string,
) => V | undefined;

const pick = <V>(pool: readonly V[], choose: Choose): V => pool[choose(pool.length)]!;
const channelsOf = ({ shape }: Value): number => shape[1]!;

/** Another value of the same shape, if there is one. */
function partner<V extends Value>(
  pool: readonly V[],
  value: V,
  choose: Choose,
  same: (a: Shape, b: Shape) => boolean,
): V {
  const others = pool.filter(({ shape }) => same(shape, value.shape));
  return others[choose(others.length)]!;
}

const equal = (a: Shape, b: Shape): boolean => a.join() === b.join();
const equalButChannels = (a: Shape, b: Shape): boolean => a[0] === b[0] && equal(a.slice(2), b.slice(2));

const layers: readonly Layer[] = [
  (pool, choose, parameters, name) => {
    const data = pick(pool, choose);
    const filters = [1, 3, 8, 9, 16, 24][choose(6)]!;
    const kernel = [1, 3, 3, 2][choose(4)]!;
    const dilation = 1 + choose(2);
    const pad = choose(3) + dilation * (kernel >> 1);
    const weight = parameters.get(`${name}_weight`, [filters, channelsOf(data), kernel, kernel]);
    const bias = choose(2) === 0 ? parameters.get(`${name}_bias`, [filters]) : undefined;
    return convolution(data, weight, bias, { pad, dilation, stride: 1 + choose(2) });
  },
  (pool, choose, parameters, name) => {
    const data = pick(pool, choose);
    const filters = [2, 8, 11][choose(3)]!;
    const weight = parameters.get(`${name}_weight`, [channelsOf(data), filters, 4, 4]);
    const [height, width] = data.shape.slice(2) as [number, number];
    if (height * width > 200) return undefined;
    const larger = deconvolution(data, weight, undefined, { stride: 2 });
    return choose(2) === 0 ? larger : crop(larger, data, { offset: 1 });
  },
  (pool, choose) => relu(pick(pool, choose)),
  (pool, choose) => leakyRelu(pick(pool, choose), { slope: 0.1 }),
  (pool, choose) => sigmoid(pick(pool, choose)),
  (pool, choose) => mulScalar(pick(pool, choose), 0.5),
  (pool, choose) => {
    const value = pick(pool, choose);
    const other = partner(pool, value, choose, equal);
    return choose(2) === 0 ? elementwiseAdd(value, other) : elementwiseMul(value, other);
  },
  (pool, choose) => {
    const value = pick(pool, choose);
    const others = [0, 1].map(() => partner(pool, value, choose, equalButChannels));
    return concat([value, ...others], { axis: 1 });
  },
  (pool, choose) => {
    const value = pick(pool, choose);
    const outputs = [2, 3, 4][choose(3)]!;
    if (channelsOf(value) % outputs !== 0) return undefined;
    const parts = sliceChannel(value, { axis: 1, outputs });
    return parts[choose(outputs)];
  },
  (pool, choose) => {
    const value = pick(pool, choose);
    const end = 1 + choose(channelsOf(value));
    return sliceAxis(value, { axis: 1, begin: choose(end), end });
  },
  (pool, choose) => {
    const value = pick(pool, choose);
    const type = choose(2) === 0 ? 'max' : 'average';
    return pooling(value, { kernel: 2, stride: 2, pad: 0, type, convention: 'full' });
  },
  (pool, choose) => {
    const value = pick(pool, choose);
    const [images, channels, height, width] = value.shape as [number, number, number, number];
    return reshape(value, { shape: [images, channels * height, 1, width] });
  },
  (pool, choose) => transpose(pick(pool, choose), { axes: [0, 1, 3, 2] }),
  (pool, choose) => softmaxActivation(pick(pool, choose), { mode: 'channel' }),
];

function unlessMisshapen<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}

/** A network of so many layers behind an input; every value that nobody reads is an output, and some others. */
function randomGraph(seed: number, size: number, shape: Shape): Graph {
  const next = randomNumbers(seed);
  const choose: Choose = (bound) => Math.min(bound - 1, Math.floor(((next() + 1) / 2) * bound));
  return trace(
    (parameters, { data }) => {
      const pool = [data];
      for (let k = 0; k < size; k++) {
        const layer = layers[choose(layers.length)]!;
        const made = unlessMisshapen(() => layer(pool, choose, parameters, `layer${k}`));
        if (made && elementCount(made.shape) < 30_000) pool.push(made);
      }
      const outputs = pool.filter((_, k) => k === pool.length - 1 || choose(3) === 0);
      return Object.fromEntries(outputs.map((value, k) => [`out${k}`, value]));
    },
    { data: shape },
  );
}

const random = (next: () => number, shape: Shape): Tensor =>
  tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => next()),
  );

/** The largest difference, and the largest value. NaN is far from everything. */
function distance(got: Tensor, want: Tensor): readonly [gap: number, largest: number] {
  let [gap, largest] = [0, 0];
  for (let k = 0; k < want.data.length; k++) {
    gap = Math.max(gap, Math.abs(got.data[k]! - want.data[k]!));
    largest = Math.max(largest, Math.abs(want.data[k]!));
  }
  return [gap, largest];
}

describe.each([
  ['one thread', plain],
  ['three threads', relaxed],
] as const)('with %s', (_title, options) => {
  const backend = aBackend(options);

  test('networks drawn at random give what the reference gives, run after run', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 2 ** 30 }),
      fc.integer({ min: 1, max: 24 }),
      fc.tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 2, max: 13 }),
        fc.integer({ min: 2, max: 13 }),
      ),
      async (seed, size, shape) => {
        const graph = randomGraph(seed, size, shape);
        const next = randomNumbers(seed);
        const parameters = new Map(graph.parameters.map(({ name, shape: own }) => [name, random(next, own)]));
        const plan = await backend().compile(graph, parameters);
        const reference = await referenceBackend().compile(graph, parameters);
        try {
          for (let run = 0; run < 2; run++) {
            const feeds = { data: random(next, shape) };
            const [got, want] = [await plan.run(feeds), await reference.run(feeds)];
            for (const { name } of graph.outputs) {
              const [a, b] = [await toHost(got[name]!), await toHost(want[name]!)];
              expect(a.shape).toEqual(b.shape);
              const [gap, largest] = distance(a, b);
              expect(gap, `${name} of ${seed}`).toBeLessThan(1e-5 * Math.max(1, largest));
            }
          }
        } finally {
          plan.dispose();
        }
      },
    );
    await fc.assert(property, { numRuns: runs(40) });
  });
});
