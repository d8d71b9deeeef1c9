/** The fast kernels, for textures and for buffers, against the reference: every remainder of channels modulo four. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OperatorName, operators, runOperator } from '../../../src/ops/index.ts';
import { cast, type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { difference, sizes, tolerances, values } from '../../../src/testing/index.ts';
import { type EmulatedDevice, runFast } from './emulator.ts';

interface Case {
  readonly inputs: readonly Tensor[];
  readonly attributes: object;
}

const images = sizes(3, 9, 4, 4);
const positive = { min: 0.5, max: 4 };

/** Tensors of shapes that follow from one, with attributes that may too. */
function cases(
  shapesOf: (shape: Shape, seed: number) => readonly Shape[],
  attributesOf: (shape: Shape, seed: number) => object = () => ({}),
  first: fc.Arbitrary<Shape> = images,
  range: Parameters<typeof values>[1] = {},
): fc.Arbitrary<Case> {
  return fc
    .tuple(first, fc.nat(1000))
    .chain(([shape, seed]) =>
      fc
        .tuple(...shapesOf(shape, seed).map((each) => values(each, range)))
        .map((inputs) => ({ inputs, attributes: attributesOf(shape, seed) })),
    );
}

const one = (shape: Shape): readonly Shape[] => [shape];
const two = (shape: Shape): readonly Shape[] => [shape, shape];
const scalar = (): object => ({ scalar: 2.5 });
const limits = (): object => ({ min: -1, max: 1.5 });

/** Either side of size 1 on the axes whose bits say so. */
const broadcast = (shape: Shape, seed: number): readonly Shape[] => [
  shape.map((size, axis) => (seed & (1 << axis) ? 1 : size)),
  shape.map((size, axis) => (seed & (16 << axis) ? 1 : size)),
];

/** Up to seven tensors that differ in their channels or images. */
const joined = (axis: number) => (shape: Shape, seed: number) =>
  Array.from({ length: 1 + (seed % 7) }, (_, k) => shape.with(axis, 1 + ((seed >> k) % 6)));

const poolingAttributes = (type: 'max' | 'average') => (_: Shape, seed: number) => ({
  type,
  kernel: [1 + (seed % 3), 1 + ((seed >> 2) % 3)],
  stride: 1 + ((seed >> 4) % 3),
  pad: (seed >> 6) & 1,
  convention: seed & 128 ? 'full' : 'valid',
  countPadding: (seed & 256) !== 0,
  global: seed % 5 === 0,
});
const poolable = sizes(3, 9, 4, 4).map(([N, C, H, W]) => [N!, C!, H! + 2, W! + 2]);

const kernels: Readonly<Partial<Record<OperatorName, fc.Arbitrary<Case>>>> = {
  blockGrad: cases(one),
  broadcastAdd: cases(broadcast),
  broadcastDiv: cases(broadcast, () => ({}), images, positive),
  broadcastMul: cases(broadcast),
  broadcastSub: cases(broadcast),
  broadcastTo: cases(
    (shape, seed) => broadcast(shape, seed).slice(0, 1),
    (shape) => ({ shape }),
  ),
  clip: cases(one, limits),
  concat: fc.oneof(
    cases(joined(1)),
    cases(joined(0), () => ({ axis: 0 })),
    cases(joined(1), () => ({ axis: -3 })),
  ),
  crop: cases(
    ([N, C, H, W], seed) => [
      [N!, C!, H! + 2, W! + 1],
      [1, 1, H!, seed & 1 ? W! : 1],
    ],
    (_, seed) => ({ offset: [seed & 2, seed & 1] }),
  ),
  divScalar: cases(one, scalar),
  elementwiseAdd: cases(two),
  elementwiseMul: cases(two),
  elementwiseSub: cases(two),
  exp: cases(one),
  gridGenerator: cases(
    one,
    () => ({}),
    sizes(3, 4, 4).map(([N, H, W]) => [N!, 2, H! + 1, W! + 1]),
  ),
  heaviside: cases(one),
  leakyRelu: cases(one, () => ({ slope: 0.1 })),
  log: cases(one, () => ({}), images, positive),
  makeLoss: cases(one),
  minusScalar: cases(one, scalar),
  mulScalar: cases(one, scalar),
  onesLike: cases(one),
  plusScalar: cases(one, scalar),
  pooling: fc.oneof(
    cases(one, poolingAttributes('max'), poolable),
    cases(one, poolingAttributes('average'), poolable),
  ),
  rdivScalar: cases(one, scalar, images, positive),
  relu: cases(one),
  rminusScalar: cases(one, scalar),
  rpnInverseNormalize: cases(
    one,
    () => ({ means: [0.5, 0, -1, 2], deviations: [0.1, 0.2, 0.4, 0.8] }),
    sizes(2, 3, 3, 3).map(([N, A, H, W]) => [N!, 4 * A!, H!, W!]),
  ),
  sigmoid: cases(one),
  slice: cases(one, ([N, C, H, W], seed) => ({
    begin: [null, seed % C!, (seed >> 3) % H!, -W!],
    end: [N, null, null, null],
  })),
  sliceAxis: cases(one, (shape, seed) => ({ axis: seed % 4, begin: (seed >> 2) % shape[seed % 4]! })),
  sliceChannel: cases(
    (shape, seed) => [shape.with(seed & 1, (1 + (seed % 3)) * shape[seed & 1]!)],
    (_, seed) => ({ outputs: 1 + (seed % 3), axis: seed & 1 }),
  ),
  smoothL1: cases(one, () => ({ sigma: 3 })),
  sqrt: cases(one, () => ({}), images, positive),
  tile: cases(
    (shape) => [shape.with(0, 1)],
    (_, seed) => ({ reps: [1 + (seed % 3), 1, 1, 1] }),
  ),
  tileAs: cases((shape) => [shape.with(0, 1), [shape[0]!, 2]]),
  withinRange: cases(one, limits),
  zerosLike: cases(one),
};

/** Textures and buffers; planes in one column and side by side; with and without borders. */
const devices: fc.Arbitrary<EmulatedDevice> = fc.oneof(
  fc.record({
    packed: fc.constant('textures' as const),
    maxSide: fc.constantFrom(4096, 48),
    borders: fc.constantFrom([0, 0] as const, [1, 0] as const, [0, 2] as const, [2, 1] as const),
  }),
  fc.record({
    packed: fc.constant('buffers' as const),
    borders: fc.constantFrom([0, 0] as const, [1, 2] as const),
  }),
);

describe('the fast kernel of', () => {
  test.each(Object.entries(kernels))('%s gives what the reference gives', (name, arbitrary) => {
    let launched = 0;
    fc.assert(
      fc.property(arbitrary, devices, ({ inputs, attributes }, device) => {
        const typed = inputs.map((input) => cast(input, 'float32'));
        const results = runFast(name as OperatorName, typed, attributes, device);
        if (!results) return; // too large for the smallest texture
        launched++;
        const expected = runOperator(operators[name as OperatorName], typed, attributes);
        const problems = results.flatMap((result, k) =>
          difference(name, result, expected[k]!, 'the reference', tolerances.backend),
        );
        expect(problems).toEqual([]);
      }),
      { numRuns: 25 },
    );
    expect(launched).toBeGreaterThan(10);
  });

  test('batchNorm with stored statistics gives what the reference gives', () => {
    const channels = fc
      .nat(8)
      .chain((C) =>
        fc.tuple(
          values([2, C + 1, 3, 2]),
          values([C + 1]),
          values([C + 1]),
          values([C + 1]),
          values([C + 1], positive),
        ),
      );
    fc.assert(
      fc.property(channels, fc.boolean(), devices, (inputs, fixGamma, device) => {
        const typed = inputs.map((input) => cast(input, 'float32'));
        const attributes = { statistics: 'moving', fixGamma };
        const results = runFast('batchNorm', typed, attributes, device)!;
        const expected = runOperator(operators.batchNorm, typed, attributes);
        const problems = results.flatMap((result, k) =>
          difference('batchNorm', result, expected[k]!, 'the reference', tolerances.backend),
        );
        expect(problems).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('elementwise kernels leave lanes without a channel at 0, also where the formula of 0 is infinite', () => {
    // The emulator throws where such a lane is anything else.
    const x = tensor([1, 5, 2, 2], new Float32Array(20).fill(2));
    expect(runFast('rdivScalar', [x], { scalar: 1 })![0]!.data[19]).toBe(0.5);
    expect(runFast('log', [x], {})![0]!.data[19]).toBeCloseTo(Math.LN2);
  });
});

describe('there is no fast kernel for', () => {
  test('more tensors to join than an invocation can take', () => {
    const parts = Array.from({ length: 8 }, () => tensor([1, 2, 1, 1], [1, 2]));
    expect(runFast('concat', parts, {})).toBeUndefined();
  });

  test('slices that leave elements out, and for joints along rows or columns', () => {
    const x = tensor([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
    expect(runFast('slice', [x], { begin: [0], end: [1], step: [1] })).toBeDefined();
    expect(
      runFast('slice', [x], { begin: [0, 0, 0, 0], end: [1, 1, 2, 3], step: [1, 1, 1, 2] }),
    ).toBeUndefined();
    expect(runFast('concat', [x, x], { axis: 3 })).toBeUndefined();
  });

  test('tensors that are no images', () => {
    expect(runFast('exp', [tensor([2], [1, 2])], {})).toBeUndefined();
  });
});
