/**
 * Pooling, warps, regions and their gradients on shapes that random cases do not draw: channels that fill no block, rows
 * that fill no vector, more than an item has, at the sizes of the networks. Where the reference adds up in float64, so do
 * the kernels: all bits are the reference's.
 */
import { describe, expect, test } from 'vitest';
import { pooling } from '../../../src/ops/index.ts';
import { elementCount, type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { difference } from '../../../src/testing/index.ts';
import { aBackend, plain, relaxed } from './settings.ts';
import { next, problems, random, run, type WideCase } from './wide-case.ts';

function made(shape: Shape, value: (index: number) => number): Tensor {
  return tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, index) => value(index)),
  );
}

/** Numbers with few values, so that many are equal. */
const coarse = (...shape: Shape): Tensor => made(shape, () => Math.round(3 * next()));

/** Regions of images 0 to `images`, the last of which is not there, in part beyond an image of 400 × 300 pixels. */
const regions = (count: number, images: number): Tensor =>
  made([count, 5], (index) => {
    if (index % 5 === 0) return Math.floor(((next() + 1) / 2) * (images + 1));
    const isVertical = index % 5 === 2 || index % 5 === 4;
    const extent = isVertical ? 300 : 400;
    return (index % 5 < 3 ? 0.3 : 0.7) * extent + 0.5 * extent * next();
  });

const grid = (N: number, P: number, Q: number): Tensor => made([N, 2, P, Q], () => 1.3 * next());

const windows = [
  { kernel: 3, stride: 2, pad: 1 },
  { kernel: 2, stride: 2, convention: 'full' },
  { kernel: [2, 5], stride: [3, 1], pad: [0, 2], countPadding: false },
  { kernel: [3, 10], stride: [1, 2], pad: [1, 1], convention: 'full' },
  { kernel: 1, global: true },
] as const;

function poolings(data: Tensor): WideCase[] {
  const [, , height, width] = data.shape;
  return windows.flatMap(({ ...window }): WideCase[] => {
    const { countPadding: _countPadding, ...plain } = { countPadding: true, ...window };
    const head = random(...pooling(data, { ...plain, type: 'max' }).shape);
    return [
      { operator: 'pooling', inputs: [data], attributes: { ...plain, type: 'max' } },
      { operator: 'pooling', inputs: [data], attributes: { ...window, type: 'average' } },
      { operator: 'maxPoolingGradient', inputs: [data, head], attributes: plain },
      { operator: 'averagePoolingGradient', inputs: [head], attributes: { ...window, height, width } },
    ];
  });
}

/** The sampler multiplies and adds in float32. */
const SAMPLER = 1e-6;

function samplings(data: Tensor): WideCase[] {
  const [N, C, height, width] = data.shape as readonly [number, number, number, number];
  const flow = made([N, 2, height, width], () => 3 * next());
  const [P, Q] = [height + 1, width + 3];
  return [
    { operator: 'gridGenerator', inputs: [flow] },
    { operator: 'fusedWarp', inputs: [data, flow], tolerance: SAMPLER },
    { operator: 'fusedWarp', inputs: [data, flow, random(...data.shape)], tolerance: SAMPLER },
    { operator: 'bilinearSampler', inputs: [data, grid(N, P, Q)], tolerance: SAMPLER },
    {
      operator: 'bilinearSamplerDataGradient',
      inputs: [random(N, C, P, Q), grid(N, P, Q)],
      attributes: { height, width },
    },
    // Channels are added up in another order, in float64.
    {
      operator: 'bilinearSamplerGridGradient',
      inputs: [random(N, C, P, Q), data, grid(N, P, Q)],
      tolerance: 1e-6,
    },
  ];
}

function poolingsOfRegions(C: number): WideCase[] {
  const rois = regions(21, 2);
  const [images, height, width] = [2, 18, 25];
  return [1, 2, 3].flatMap((groupSize): WideCase[] => {
    const attributes = { spatialScale: 1 / 16, outputChannels: C, pooledSize: 3, groupSize };
    const plain = { spatialScale: 1 / 16, pooledSize: [3, 2] };
    const data = coarse(images, C, height, width);
    return [
      {
        operator: 'psroiPooling',
        inputs: [random(images, C * groupSize ** 2, height, width), rois],
        attributes,
      },
      {
        operator: 'psroiPoolingGradient',
        inputs: [random(21, C, 3, 3), rois],
        attributes: { ...attributes, images, height, width },
      },
      { operator: 'roiPooling', inputs: [data, rois], attributes: plain },
      { operator: 'roiPoolingGradient', inputs: [data, rois, random(21, C, 3, 2)], attributes: plain },
    ];
  });
}

function normalisations(data: Tensor): WideCase[] {
  const C = data.shape[1]!;
  const variance = made([C], () => next() + 1.1);
  const inputs = [data, random(C), random(C), random(C), variance];
  return (['moving', 'batch'] as const).map((statistics) => ({
    operator: 'batchNorm',
    inputs,
    attributes: { statistics, fixGamma: false },
  }));
}

const ofWidth = (C: number): WideCase[] => [
  ...poolings(coarse(2, C, 9, 31)),
  ...samplings(random(2, C, 6, 11)),
  ...poolingsOfRegions(C),
  ...normalisations(random(2, C, 5, 7)),
  ...normalisations(random(3, C)),
  ...normalisations(random(2, C, 13)),
];

/** Probabilities of which many are equal, and corrections, for a map of 36 × 63 cells. */
function proposals(images: number, values: number): readonly Tensor[] {
  const probability = made([images, 18, 36, 63], () => Math.round(((next() + 1) / 2) * values) / values);
  const corrections = made([images, 36, 36, 63], () => 0.4 * next());
  const info = made([images, 3], (index) => [562, 1000, 1.4][index % 3]!);
  return [probability, corrections, info];
}

/** Windows of nothing, maps without pixels, no regions. */
const empty: readonly WideCase[] = [
  { operator: 'pooling', inputs: [random(1, 3, 0, 5)], attributes: { kernel: 1, global: true, type: 'max' } },
  {
    operator: 'pooling',
    inputs: [random(1, 3, 0, 5)],
    attributes: { kernel: 1, global: true, type: 'average' },
  },
  { operator: 'pooling', inputs: [random(0, 3, 4, 4)], attributes: { kernel: 2, type: 'max' } },
  { operator: 'bilinearSampler', inputs: [random(1, 3, 0, 5), grid(1, 2, 3)] },
  {
    operator: 'bilinearSamplerGridGradient',
    inputs: [random(1, 3, 2, 3), random(1, 3, 5, 0), grid(1, 2, 3)],
  },
  {
    operator: 'bilinearSamplerDataGradient',
    inputs: [random(1, 3, 2, 3), grid(1, 2, 3)],
    attributes: { height: 0, width: 4 },
  },
  {
    operator: 'psroiPooling',
    inputs: [random(1, 4, 3, 0), regions(2, 1)],
    attributes: { spatialScale: 1, outputChannels: 1, pooledSize: 2 },
  },
  {
    operator: 'psroiPoolingGradient',
    inputs: [random(0, 1, 2, 2), regions(0, 1)],
    attributes: { spatialScale: 1, outputChannels: 1, pooledSize: 2, images: 2, height: 3, width: 3 },
  },
  {
    operator: 'batchNorm',
    inputs: [random(3, 4, 0), random(4), random(4), random(4), random(4)],
    attributes: { statistics: 'moving' },
  },
];

test('empty tensors give what the reference gives', async () => {
  for (const wide of empty) expect(problems(wide, await run(one(), wide, false))).toEqual([]);
});

const official = { scales: [8, 16, 32], minSize: 0 };
const large: readonly WideCase[] = [
  { operator: 'proposal', inputs: proposals(1, 1e6), attributes: official },
  { operator: 'proposal', inputs: proposals(1, 100), attributes: { ...official, minSize: 40 } },
  {
    operator: 'multiProposal',
    inputs: proposals(2, 3),
    attributes: { ...official, threshold: 0.3, postNms: 2000, preNms: 0 },
  },
  { operator: 'pooling', inputs: [random(1, 64, 71, 125)], attributes: { ...windows[0], type: 'max' } },
  { operator: 'pooling', inputs: [random(1, 6, 131, 259)], attributes: { ...windows[1], type: 'average' } },
  { operator: 'pooling', inputs: [random(300, 31, 7, 7)], attributes: { ...windows[4], type: 'average' } },
  {
    operator: 'fusedWarp',
    inputs: [random(1, 70, 36, 63), grid(1, 36, 63), random(1, 70, 36, 63)],
    tolerance: SAMPLER,
  },
  {
    operator: 'bilinearSamplerGridGradient',
    inputs: [random(1, 20, 36, 63), random(1, 20, 36, 63), grid(1, 36, 63)],
    tolerance: 1e-6,
  },
  {
    operator: 'psroiPooling',
    inputs: [random(1, 49 * 31, 18, 25), regions(100, 1)],
    attributes: { spatialScale: 1 / 16, outputChannels: 31, pooledSize: 7, groupSize: 7 },
  },
  {
    operator: 'psroiPoolingGradient',
    inputs: [random(40, 9, 7, 7), regions(40, 1)],
    attributes: {
      spatialScale: 1 / 16,
      outputChannels: 9,
      pooledSize: 7,
      groupSize: 7,
      images: 1,
      height: 18,
      width: 25,
    },
  },
];

const one = aBackend(plain);
const three = aBackend(relaxed);

describe.each([1, 7, 8, 9, 35])('with %i channels', (channels) => {
  const cases = ofWidth(channels);
  test.each([
    ['planar', false],
    ['in blocks', true],
  ])('windows, warps and regions on inputs %s give what the reference gives', async (_, inBlocks) => {
    for (const wide of cases) expect(problems(wide, await run(one(), wide, inBlocks))).toEqual([]);
  });
});

test.each(large.map((wide) => [wide.operator, wide] as const))(
  'many items: %s gives what the reference gives on one thread and on three',
  async (_, wide) => {
    const [first, second] = [await run(one(), wide, true), await run(three(), wide, true)];
    expect(problems(wide, first)).toEqual([]);
    if (wide.tolerance === undefined) expect(problems(wide, second)).toEqual([]);
    else {
      const tolerance = wide.tolerance;
      expect(difference(wide.operator, second['out0']!, first['out0']!, 'one thread', tolerance)).toEqual([]);
    }
  },
);
