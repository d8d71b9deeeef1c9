/** Kernels of bilinear sampling against the reference: data of one pixel, positions far outside, NaN. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OperatorName, operators, runOperator } from '../../../src/ops/index.ts';
import { cast, type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { build, difference, runs, tolerances, values } from '../../../src/testing/index.ts';
import { gridOffKinks, samplerSizes } from '../../ops/sampler-cases.ts';
import { type EmulatedDevice, runFast, runObvious } from './emulator.ts';

/** The sampler's kernels read one pixel around the data. */
const devices: fc.Arbitrary<EmulatedDevice> = fc.record({
  packed: fc.constantFrom('textures' as const, 'buffers' as const),
  borders: fc.constantFrom([1, 0] as const, [2, 1] as const),
});
const sides: fc.Arbitrary<EmulatedDevice> = fc.constant({ maxSide: 40, borders: [1, 1] });

const image = fc.tuple(
  fc.integer({ min: 1, max: 2 }),
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 2, max: 5 }),
  fc.integer({ min: 2, max: 6 }),
);
const flow = ([N, , H, W]: Shape): fc.Arbitrary<Tensor> => values([N!, 2, H!, W!], { min: -9, max: 9 });
const warps = image.chain((shape) =>
  fc.oneof(fc.tuple(values(shape), flow(shape)), fc.tuple(values(shape), flow(shape), values(shape))),
);
const sampled = samplerSizes.chain(([N, C, H, W, P, Q]) =>
  fc.record({
    data: values([N, C, H, W]),
    grid: gridOffKinks(N, H, W, P, Q),
    head: values([N, C, P, Q]),
    attributes: fc.constant({ height: H, width: W }),
  }),
);
const single = (inputs: readonly Tensor[]): Tensor[] => inputs.map((input) => cast(input, 'float32'));

/** What differs from the reference. Positions of the warp are those of the paper, not MXNet's way through a grid. */
function problems(
  name: OperatorName,
  got: readonly Tensor[] | undefined,
  inputs: readonly Tensor[],
  attributes = {},
): string[] {
  const exact = name === 'fusedWarp' ? inputs.map((input) => cast(input, 'float64')) : inputs;
  const [expected] = runOperator(operators[name], exact, attributes);
  return got
    ? difference(name, got[0]!, cast(expected!, 'float32'), 'the reference', tolerances.backend)
    : ['no kernel'];
}

describe('the kernels of bilinear sampling', () => {
  test('give what the reference gives', () => {
    fc.assert(
      fc.property(sampled, fc.oneof(devices, sides), ({ data, grid }, device) => {
        const inputs = single([data, grid]);
        expect(problems('bilinearSampler', runObvious('bilinearSampler', inputs, {}), inputs)).toEqual([]);
        expect(problems('bilinearSampler', runFast('bilinearSampler', inputs, {}, device), inputs)).toEqual(
          [],
        );
      }),
      { numRuns: runs(50) },
    );
  });

  test('warp as the reference does in float64', () => {
    fc.assert(
      fc.property(warps, devices, (drawn, device) => {
        const inputs = single(drawn);
        expect(problems('fusedWarp', runObvious('fusedWarp', inputs, {}), inputs)).toEqual([]);
        expect(problems('fusedWarp', runFast('fusedWarp', inputs, {}, device), inputs)).toEqual([]);
      }),
      { numRuns: runs(50) },
    );
  });

  test('do many groups of channels, several to an invocation', () => {
    const inputs = single([
      build([1, 70, 3, 2], (_, c, y, x) => c + y / 4 + x / 8),
      build([1, 2, 3, 2], (_, axis) => 0.25 - axis / 2),
    ]);
    for (const packed of ['textures', 'buffers'] as const) {
      const got = runFast('fusedWarp', inputs, {}, { packed, borders: [1, 1] });
      expect(problems('fusedWarp', got, inputs)).toEqual([]);
    }
  });

  test('give NaN where the flow is not finite, in all channels, and nowhere else', () => {
    const flow = build([1, 2, 2, 3], (_n, axis, y, x) => (axis === 1 && y === 1 && x === 2 ? Infinity : 0.5));
    const inputs = single([build([1, 4, 2, 3], (_n, c) => c + 1), flow]);
    const [{ data }] = runObvious('fusedWarp', inputs, {}) as [Tensor];
    data.forEach((value: number, i: number) => expect(Number.isNaN(value)).toBe(i % 6 === 5));
  });

  test('give the gradients of the reference', () => {
    fc.assert(
      fc.property(sampled, ({ data, grid, head, attributes }) => {
        const back = single([head, grid]);
        const name = 'bilinearSamplerDataGradient';
        expect(problems(name, runObvious(name, back, attributes), back, attributes)).toEqual([]);
        const all = single([head, data, grid]);
        const other = 'bilinearSamplerGridGradient';
        expect(problems(other, runObvious(other, all, {}), all)).toEqual([]);
      }),
      { numRuns: runs(50) },
    );
  });

  test('hand samples at positions that are NaN back nowhere', () => {
    const head = tensor([1, 1, 1, 2], Float32Array.of(3, 5));
    const grid = tensor([1, 2, 1, 2], Float32Array.of(NaN, -1, -1, -1));
    const [{ data }] = runObvious('bilinearSamplerDataGradient', [head, grid], { height: 2, width: 2 }) as [
      Tensor,
    ];
    expect([...data]).toEqual([5, 0, 0, 0]);
  });
});
