/**
 * Operators on shapes that random cases do not draw: channels and widths that fill no block and no vector, more elements
 * than an item has, inputs in blocks and not. A convolution behind each output of four axes sees what lies beyond the
 * channels.
 */
import { describe, expect, test } from 'vitest';
import type { OperatorName } from '../../../src/ops/index.ts';
import { elementCount, type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { difference } from '../../../src/testing/index.ts';
import { aBackend, plain, relaxed } from './settings.ts';
import { next, problems, random, run, type WideCase } from './wide-case.ts';

/** Whole numbers from −1 up to `count`. */
function whole(count: number, ...shape: Shape): Tensor {
  const data = Float32Array.from(
    { length: elementCount(shape) },
    () => Math.floor(((next() + 1) / 2) * count) - 1,
  );
  return tensor(shape, data);
}

const positive = (given: Tensor): Tensor => ({ ...given, data: given.data.map(Math.abs) });

const widths = [1, 7, 8, 9, 16, 70];

const maps: readonly (readonly [OperatorName, object])[] = [
  ['clip', { min: -0.5, max: 0.25 }],
  ['divScalar', { scalar: 3 }],
  ['exp', {}],
  ['heaviside', {}],
  ['leakyRelu', { slope: 0.1 }],
  ['minusScalar', { scalar: 0.3 }],
  ['mulScalar', { scalar: 0.7 }],
  ['onesLike', {}],
  ['plusScalar', { scalar: 0.1 }],
  ['rdivScalar', { scalar: 2 }],
  ['relu', {}],
  ['rminusScalar', { scalar: 1 }],
  ['sigmoid', {}],
  ['smoothL1', { sigma: 1.3 }],
  ['softmaxActivation', { mode: 'channel' }],
  ['withinRange', { min: -0.5, max: 0.25 }],
  ['zerosLike', {}],
];

const ofWidth = (C: number): WideCase[] => [
  ...maps.map(([operator, attributes]) => ({ operator, inputs: [random(2, C, 3, 5)], attributes })),
  { operator: 'sqrt', inputs: [positive(random(1, C, 3, 5))] },
  { operator: 'log', inputs: [positive(random(1, C, 3, 5))], tolerance: 1e-7 },
  {
    operator: 'rpnInverseNormalize',
    inputs: [random(1, 4 * C, 3, 5)],
    attributes: { deviations: [0.1, 0.2, 0.3, 0.4], means: [1, 2, 3, 4] },
  },
  ...(['Add', 'Sub', 'Mul', 'Div'] as const).flatMap((name): WideCase[] => [
    { operator: `broadcast${name}`, inputs: [random(2, C, 3, 5), random(2, C, 3, 5)] },
    { operator: `broadcast${name}`, inputs: [random(2, C, 3, 5), random(1, C, 1, 1)] },
    { operator: `broadcast${name}`, inputs: [random(2, 1, 3, 5), random(2, C, 3, 5)] },
    { operator: `broadcast${name}`, inputs: [random(1, 1, 1, 5), random(2, C, 3, 1)] },
  ]),
  { operator: 'concat', inputs: [random(1, 8, 3, 5), random(1, 16, 3, 5), random(1, C, 3, 5)] },
  { operator: 'concat', inputs: [random(2, C, 3, 5), random(2, 8, 3, 5)] },
  ...[0, 2, 3].map((axis): WideCase => ({
    operator: 'concat',
    inputs: [random(2, C, 4, 4), random(2, C, 4, 4)],
    attributes: { axis },
  })),
  ...[1, 2].map((images): WideCase => ({
    operator: 'sliceChannel',
    inputs: [random(images, 2 * C, 3, 5)],
    attributes: { outputs: 2 },
  })),
  { operator: 'sliceChannel', inputs: [random(2, C, 6, 5)], attributes: { outputs: 3, axis: 2 } },
  { operator: 'sliceAxis', inputs: [random(2, C + 16, 3, 5)], attributes: { axis: 1, begin: 8 } },
  { operator: 'sliceAxis', inputs: [random(2, C + 16, 3, 5)], attributes: { axis: 1, begin: 3, end: -2 } },
  {
    operator: 'slice',
    inputs: [random(2, C, 5, 9)],
    attributes: { begin: [null, 0, 4, 1], end: [null, null, 0, 8], step: [-1, 1, -2, 3] },
  },
  { operator: 'slice', inputs: [random(3, C, 3, 5)], attributes: { begin: [null], end: [null], step: [-2] } },
  { operator: 'crop', inputs: [random(2, C, 6, 9), random(1, 2, 4, 7)], attributes: { offset: [1, 2] } },
  {
    operator: 'embed',
    inputs: [random(1, C, 3, 4)],
    attributes: { shape: [1, C + 1, 7, 9], begin: [0, 1, 6, 1], step: [1, 1, -2, 2] },
  },
  { operator: 'transpose', inputs: [random(2, C, 3, 5)], attributes: { axes: [0, 3, 1, 2] } },
  { operator: 'tile', inputs: [random(1, C, 3, 5)], attributes: { reps: [3, 1, 1, 2] } },
  { operator: 'tile', inputs: [random(1, C, 3, 5)], attributes: { reps: [2, 1, 1] } },
  { operator: 'tileAs', inputs: [random(1, C, 3, 5), random(3, 1)] },
  { operator: 'tileAs', inputs: [random(1, C, 3, 5), random(1, 1)] },
  { operator: 'broadcastTo', inputs: [random(1, C, 1, 5)], attributes: { shape: [2, C, 3, 5] } },
  { operator: 'take', inputs: [random(3, C, 3, 5), whole(5, 4)] },
  { operator: 'blockGrad', inputs: [random(1, C, 3, 5)] },
  { operator: 'reshape', inputs: [random(1, C, 3, 5)], attributes: { shape: [0, -1, 1, 3] } },
  { operator: 'sum', inputs: [random(2, C, 3, 5)], attributes: { axes: [1] }, tolerance: 1e-7 },
];

const large: readonly WideCase[] = [
  { operator: 'divScalar', inputs: [random(1, 3, 201, 301)], attributes: { scalar: 255 } },
  { operator: 'sigmoid', inputs: [random(16387)] },
  { operator: 'broadcastMul', inputs: [random(3, 70, 50), random(3, 1, 50)] },
  { operator: 'concat', inputs: [random(1, 3, 101, 99), random(1, 3, 101, 99)] },
  { operator: 'transpose', inputs: [random(130, 131)] },
  { operator: 'tile', inputs: [random(1, 8200)], attributes: { reps: [3, 1] } },
  { operator: 'take', inputs: [random(3, 20011), whole(5, 5)] },
  { operator: 'scatterRows', inputs: [random(5, 8203), whole(5, 5)], attributes: { rows: 3 } },
  { operator: 'softmax', inputs: [random(5003, 31)], attributes: { axis: 1, temperature: 0.3 } },
  { operator: 'softmax', inputs: [random(3, 5001)] },
  { operator: 'softmaxActivation', inputs: [random(1, 2, 90, 63)], attributes: { mode: 'channel' } },
  {
    operator: 'softmaxOutputGradient',
    inputs: [random(1301, 31), whole(32, 1301)],
    attributes: { useIgnore: true, normalization: 'valid' },
  },
  {
    operator: 'makeLossGradient',
    inputs: [random(10007)],
    attributes: { normalization: 'valid', gradScale: 0.1 },
  },
  {
    operator: 'sgdMomentumUpdate',
    inputs: [random(20003), random(20003), random(20003)],
    attributes: { learningRate: 0.001, momentum: 0.9, weightDecay: 0.01, clipGradient: 1.1 },
  },
  ...[[0], [1], [2], [0, 2], [1, 2], []].flatMap((axes): WideCase[] =>
    (['sum', 'mean'] as const).map((operator) => ({
      operator,
      inputs: [random(3, 91, 107)],
      attributes: { axes },
      tolerance: 1e-6,
    })),
  ),
];

const one = aBackend(plain);
const three = aBackend(relaxed);

describe.each(widths)('with %i channels', (channels) => {
  test.each([
    ['planar', false],
    ['in blocks', true],
  ])('every operator on inputs %s gives what the reference gives', async (_, inBlocks) => {
    for (const wide of ofWidth(channels))
      expect(problems(wide, await run(one(), wide, inBlocks))).toEqual([]);
  });
});

test.each(large.map((wide) => [`${wide.operator} ${JSON.stringify(wide.attributes ?? {})}`, wide] as const))(
  'many items: %s gives the same bits on one thread and on three, and what the reference gives',
  async (_, wide) => {
    const [first, second] = [await run(one(), wide, false), await run(three(), wide, false)];
    expect(problems(wide, first)).toEqual([]);
    for (const [name, got] of Object.entries(first)) {
      expect(difference(name, second[name]!, got, 'one thread', 'bits')).toEqual([]);
    }
  },
);
