/** Convolutions by tiles: their kernels against the reference, the transform of the filters, and when they are chosen. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Capabilities, NodeView } from '../../../src/backends/gpu/kernel.ts';
import { packedLayout } from '../../../src/backends/gpu/layout.ts';
import { packedConvolution } from '../../../src/backends/gpu/packed-convolution.ts';
import { transformFilters, winogradPays } from '../../../src/backends/gpu/winograd.ts';
import { operators, runOperator } from '../../../src/ops/index.ts';
import { cast, type Shape, tensor, type Tensor } from '../../../src/tensor/index.ts';
import { difference, values } from '../../../src/testing/index.ts';
import { buffers } from './buffers.ts';
import { type EmulatedDevice, runFast } from './emulator.ts';

interface Case {
  readonly inputs: readonly Tensor[];
  readonly attributes: object;
}

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const float = (shape: Shape): fc.Arbitrary<Tensor> => values(shape).map((x) => cast(x, 'float32'));

/** Every padding and dilation, outputs that do not fill their tiles, with and without bias and residual. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    sizes: fc.tuple(size(2), size(9), size(9), size(11), size(11)),
    dilation: fc.tuple(size(3), size(4)),
    pad: fc.tuple(fc.nat(4), fc.nat(4)),
    slope: fc.constantFrom(0, 0.1, 1),
    extra: size(3),
  })
  .chain(({ sizes: [N, C, rows, columns, O], dilation, pad, slope, extra }) => {
    const H = Math.max(rows + 2 * (dilation[0] - pad[0]), 1);
    const W = Math.max(columns + 2 * (dilation[1] - pad[1]), 1);
    const [P, Q] = [H + 2 * (pad[0] - dilation[0]), W + 2 * (pad[1] - dilation[1])];
    const shapes = [[N, C, H, W], [O, C, 3, 3], [O], [N, O, P, Q]].slice(0, 1 + extra);
    const attributes = { stride: 1, dilation, pad, groups: 1, slope };
    return fc.tuple(...shapes.map(float)).map((inputs) => ({ inputs, attributes }));
  });

const devices: fc.Arbitrary<EmulatedDevice> = fc.record({
  packed: fc.constant('buffers' as const),
  maxSide: fc.constantFrom(4096, 200),
  borders: fc.constantFrom([4, 0] as const, [4, 2] as const, [5, 1] as const),
  mostMultiplyAdds: fc.constantFrom(Infinity, 20_000, 100),
  transformCost: fc.constant(-Infinity),
  outside: fc.constant('NaN' as const), // tiles hang over the edge and drop what they read there
});

/** Sums of some hundred products in another order. */
const TOLERANCE = 2e-5;

describe('the convolution by tiles', () => {
  test('gives what the reference gives, in one piece and in several', () => {
    fc.assert(
      fc.property(cases, devices, ({ inputs, attributes }, device) => {
        const got = runFast('fusedConvolution', inputs, attributes, device);
        fc.pre(got !== undefined); // no layout holds it
        const [expected] = runOperator(operators.fusedConvolution, inputs, attributes);
        expect(difference('winograd', got[0]!, expected!, 'the reference', TOLERANCE)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('multiplies in as many launches as a watchdog needs', () => {
    const names = (mostMultiplyAdds: number): string[] =>
      namesOf([2, 8, 12, 12], [8, 8, 3, 3], { transformCost: -Infinity, mostMultiplyAdds });
    const multiplyAdds = 16 * (2 * 5 * 5) * 8 * 8;
    expect(names(multiplyAdds)).toEqual(['winogradInput', 'winogradProducts', 'winogradOutput']);
    expect(names(multiplyAdds / 2)).toHaveLength(4);
    expect(names(multiplyAdds / 2 - 1)).toHaveLength(6);
    expect(names(1)).toHaveLength(6);
  });
});

describe('the filters of tiles', () => {
  test('are G g Gᵀ: a filter of ones becomes the squares of the sums of the rows of G', () => {
    const result = packedLayout([1, 1, 2, 2], 0, 4096)!;
    const { data } = transformFilters(tensor([1, 1, 3, 3], new Float32Array(9).fill(1)), 4, result, 0, 4);
    const sums = [1, 1.5, 0.5, 1];
    const first = Array.from({ length: 16 }, (_, row) => data[row * 16]);
    expect(first).toEqual(sums.flatMap((p) => sums.map((q) => p * q)));
    expect(data.filter((value) => value !== 0)).toHaveLength(16);
  });

  test('can be made row by row', () => {
    const result = packedLayout([1, 6, 2, 2], 0, 4096)!;
    const weight = tensor(
      [6, 5, 3, 3],
      Float32Array.from({ length: 270 }, (_, i) => Math.sin(i)),
    );
    const whole = transformFilters(weight, 8, result, 0, 4).data;
    const rows = [0, 1, 2, 3].flatMap((p) => [...transformFilters(weight, 8, result, p, 1).data]);
    expect(rows).toEqual([...whole]);
  });
});

describe('tiles are chosen', () => {
  const sizes = { N: 1, C: 64, O: 64, P: 38, Q: 63, dilationY: 1, dilationX: 1 };

  test('where they save more multiply-adds than their transforms cost', () => {
    expect(winogradPays(sizes, 0)).toBe(true);
    expect(winogradPays(sizes, 1000)).toBe(false);
    expect(winogradPays(sizes, Infinity)).toBe(false);
  });

  test('rather for many channels, large maps and small dilations', () => {
    const cost = 32;
    expect(winogradPays({ ...sizes, C: 256, O: 256 }, cost)).toBe(true);
    expect(winogradPays({ ...sizes, C: 16, O: 16 }, cost)).toBe(false);
    expect(winogradPays({ ...sizes, C: 256, O: 256, P: 2, Q: 2 }, cost)).toBe(false);
    expect(winogradPays({ ...sizes, C: 256, O: 256, dilationY: 40, dilationX: 40 }, cost)).toBe(false);
  });

  test('only where their buffers can be bound', () => {
    expect(winogradPays({ ...sizes, C: 256, O: 256, P: 600, Q: 1000 }, 0)).toBe(false);
  });

  test('only for three by three taps at stride 1', () => {
    const device = { transformCost: -Infinity };
    expect(namesOf([1, 4, 9, 9], [4, 4, 3, 3], device)[0]).toBe('winogradInput');
    expect(namesOf([1, 4, 9, 9], [4, 4, 3, 1], device)).toEqual(['convolution']);
    expect(namesOf([1, 4, 9, 9], [4, 4, 1, 9], device)).toEqual(['convolution']);
    expect(namesOf([1, 4, 9, 9], [4, 4, 3, 3], device, [2, 1])).toEqual(['convolution']);
  });
});

/** The kernels of a convolution without padding. */
function namesOf(
  data: Shape,
  weight: Shape,
  device: Partial<Capabilities>,
  stride: readonly [number, number] = [1, 1],
): string[] {
  const attributes = { stride, dilation: 1, pad: 0, groups: 1 } as const;
  const outputs = operators.convolution.shape([data, weight], attributes);
  const view: NodeView<typeof attributes> = {
    name: 'convolution',
    attributes,
    inputs: [data, weight],
    outputs,
    isParameter: (k) => k === 1,
    packedInput: () => packedLayout(data, 0, Infinity),
    packedOutput: () => packedLayout(outputs[0]!, 0, Infinity),
    capabilities: { ...buffers, ...device },
  };
  return packedConvolution(view, 1)!.steps.map(({ spec }) => spec.name);
}
