/** The fast kernels of convolution and deconvolution against the reference: tiles, phases, groups of filters, pieces. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OperatorName, operators, runOperator } from '../../../src/ops/index.ts';
import { cast, type Shape, type Tensor } from '../../../src/tensor/index.ts';
import { difference, values } from '../../../src/testing/index.ts';
import { type EmulatedDevice, runFast } from './emulator.ts';

interface Case {
  readonly inputs: readonly Tensor[];
  readonly attributes: object;
}

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const float = (shape: Shape): fc.Arbitrary<Tensor> => values(shape).map((x) => cast(x, 'float32'));

/** Windows of every stride, padding and dilation, with and without bias and residual. */
const convolutions: fc.Arbitrary<Case> = fc
  .record({
    sizes: fc.tuple(size(2), size(9), size(6), size(9), size(11)),
    taps: fc.constantFrom([1, 1], [3, 3], [5, 5], [2, 3], [7, 1], [1, 4]),
    stride: fc.tuple(size(3), size(3)),
    dilation: fc.tuple(size(2), size(3)),
    slope: fc.constantFrom(0, 0.1, 1),
    extra: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ sizes: [N, C, H, W, O], taps: [I, J], stride, dilation, slope, extra }) => {
    const pad = [Math.min(3, I * dilation[0] - 1), Math.min(3, J * dilation[1] - 1)];
    const data = [N, C, H + I * dilation[0], W + J * dilation[1]];
    const weight = [O, C, I, J];
    const attributes = { stride, dilation, pad, groups: 1, slope };
    const out = operators.fusedConvolution.shape([data, weight, [O]], attributes)[0]!;
    const shapes = [data, weight, [O], out].slice(0, 1 + extra);
    return fc.tuple(...shapes.map(float)).map((inputs) => ({ inputs, attributes }));
  });

/** Enlargements by every stride, cut anywhere. */
const deconvolutions: fc.Arbitrary<Case> = fc
  .record({
    sizes: fc
      .tuple(size(2), size(6), size(5), size(6), size(9))
      .map(([N, C, H, W, O]) => [N, C, H + 1, W + 1, O] as const),
    stride: size(3),
    taps: fc.tuple(size(3), size(3)),
    pad: fc.nat(1),
    slope: fc.constantFrom(0, 0.1, 1),
    cut: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
    bias: fc.boolean(),
  })
  .chain(({ sizes: [N, C, H, W, O], stride, taps: [I, J], pad, slope, cut, bias }) => {
    const kernel = [I + stride, J + stride] as const;
    const full = [H, W].map((cells, axis) => stride * (cells - 1) + kernel[axis]! - 2 * pad);
    const offset = full.map((cells, axis) => Math.min(cut[axis]!, cells - 1));
    const kept = full.map((cells, axis) => Math.max(1, cells - offset[axis]! - cut[axis + 2]!));
    const attributes = { stride, pad, dilation: 1, groups: 1, adjust: 0, offset, size: kept, slope };
    const shapes = [[N, C, H, W], [C, O, ...kernel], ...(bias ? [[O]] : [])];
    return fc.tuple(...shapes.map(float)).map((inputs) => ({ inputs, attributes }));
  });

const devices: fc.Arbitrary<EmulatedDevice> = fc.record({
  packed: fc.constantFrom('textures' as const, 'buffers' as const),
  maxSide: fc.constantFrom(4096, 200),
  borders: fc.constantFrom([3, 0] as const, [3, 2] as const, [4, 1] as const),
  mostMultiplyAdds: fc.constantFrom(Infinity, 2000, 100),
  outside: fc.constant('NaN' as const), // tiles hang over the edge and drop what they read there
});

/** Sums of some hundred products in another order. */
const TOLERANCE = 2e-5;

const cases: Readonly<Partial<Record<OperatorName, fc.Arbitrary<Case>>>> = {
  fusedConvolution: convolutions,
  fusedDeconvolution: deconvolutions,
};

describe.each(Object.entries(cases))('the fast kernel of %s', (name, arbitrary) => {
  test('gives what the reference gives, in one piece and in several', () => {
    let [done, split] = [0, 0];
    fc.assert(
      fc.property(arbitrary, devices, ({ inputs, attributes }, device) => {
        const got = runFast(name as OperatorName, inputs, attributes, device);
        if (!got) return; // no texture holds it
        done++;
        if (device.mostMultiplyAdds! < Infinity) split++;
        const [expected] = runOperator(operators[name as OperatorName], inputs, attributes);
        expect(difference(name, got[0]!, expected!, 'the reference', TOLERANCE)).toEqual([]);
      }),
      { numRuns: 120 },
    );
    expect(done).toBeGreaterThan(80);
    expect(split).toBeGreaterThan(40);
  });
});
