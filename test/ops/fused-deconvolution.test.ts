import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  crop,
  deconvolution,
  fusedDeconvolution,
  type FusedDeconvolutionAttributes,
  fusedDeconvolutionOperator,
  leakyRelu,
  relu,
} from '../../src/ops/index.ts';
import { cast, type Shape, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, gradientsOf, type OperatorCase, values } from '../../src/testing/index.ts';
import { activated, slopes, wholeValues } from './fused-cases.ts';

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const two = (max: number): fc.Arbitrary<[number, number]> => fc.tuple(small(0, max), small(0, max));

type Make = (shape: Shape, offset?: number) => fc.Arbitrary<Tensor>;

/** A deconvolution, then a window of it: some rows and columns are cut from each side, one at least stays. */
const casesOf = (make: Make): fc.Arbitrary<OperatorCase<FusedDeconvolutionAttributes>> =>
  fc
    .record({
      N: small(1, 2),
      groups: small(1, 2),
      groupC: small(1, 2),
      groupO: small(1, 2),
      pixels: fc.tuple(small(1, 3), small(1, 3)),
      kernel: fc.tuple(small(1, 4), small(1, 4)),
      stride: fc.tuple(small(1, 3), small(1, 3)),
      dilation: fc.tuple(small(1, 2), small(1, 2)),
      fraction: two(2),
      before: two(2),
      behind: two(2),
      biased: fc.boolean(),
      slope: slopes,
    })
    .chain(({ N, groups, groupC, groupO, pixels, kernel, stride, dilation, ...drawn }) => {
      const { fraction, before, behind, biased, slope } = drawn;
      const perAxis = (value: (axis: 0 | 1) => number): [number, number] => [value(0), value(1)];
      const span = (axis: 0 | 1): number => dilation[axis] * (kernel[axis] - 1);
      const pad = perAxis((axis) => Math.min(fraction[axis], Math.floor(span(axis) / 2)));
      const adjust = perAxis((axis) => Math.min(fraction[axis], stride[axis] - 1));
      const full = perAxis(
        (axis) => stride[axis] * (pixels[axis] - 1) + span(axis) + 1 - 2 * pad[axis] + adjust[axis],
      );
      const offset = perAxis((axis) => Math.min(before[axis], full[axis] - 1));
      const size = perAxis((axis) => Math.max(1, full[axis] - offset[axis] - behind[axis]));
      const inputs = [
        make([N, groups * groupC, ...pixels]),
        make([groups * groupC, groupO, ...kernel]),
        ...(biased ? [make([groups * groupO], 0.5)] : []),
      ];
      const attributes = { stride, dilation, groups, pad, adjust, offset, size, slope };
      return fc.record({ inputs: fc.tuple(...inputs), attributes: fc.constant(attributes) });
    });

/** Sums of whole numbers and a half are nowhere 0; without a bias there is no activation. */
const smooth = casesOf(wholeValues).map(({ inputs, attributes }) => ({
  inputs,
  attributes: inputs.length === 2 ? { ...attributes, slope: 1 } : attributes,
}));

const both = (value: number | readonly [number, number]): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

checkOp(
  fusedDeconvolutionOperator,
  casesOf((shape) => values(shape)),
  {
    // Gather form: ask of every pixel of the window which input pixels reach it.
    oracle: ([data, weight, bias], { stride, pad, dilation, groups, offset, size, slope }) => {
      const [N = 0, C = 0, H = 0, W = 0] = data!.shape;
      const [, groupO = 0, I = 0, J = 0] = weight!.shape;
      const [[sy, sx], [py, px], [dy, dx]] = [both(stride), both(pad), both(dilation)];
      const [top, left] = both(offset);
      return build([N, groupO * groups, ...both(size)], (n, o, p, q) => {
        let sum = bias ? at(bias, o) : 0;
        const first = Math.floor(o / groupO) * (C / groups);
        for (let c = first; c < first + C / groups; c++) {
          for (let i = 0; i < I; i++) {
            for (let j = 0; j < J; j++) {
              const [y, x] = [(p + top + py - i * dy) / sy, (q + left + px - j * dx) / sx];
              if (Number.isInteger(y) && Number.isInteger(x) && y >= 0 && y < H && x >= 0 && x < W)
                sum += at(weight!, c, o % groupO, i, j) * at(data!, n, c, y, x);
            }
          }
        }
        return activated(sum, slope);
      });
    },
    tolerance: { float32: 2e-5, float64: 1e-12 },
    gradient: { cases: smooth },
  },
);

describe('fusedDeconvolution', () => {
  test("gives the bits of the operators it stands for, in FlowNet's geometry", () => {
    const inputs = fc.tuple(values([2, 2, 3, 2]), values([2, 3, 4, 4]), values([3]), values([2, 1, 5, 4]));
    fc.assert(
      fc.property(inputs, (exact) => {
        const [x, weight, bias, like] = exact.map((value) => cast(value, 'float32'));
        const window = crop(deconvolution(x!, weight!, bias, { stride: 2 }), like!, { offset: 1 });
        const fused = (slope: number): Tensor =>
          fusedDeconvolution(x!, weight!, bias, { stride: 2, offset: 1, size: [5, 4], slope });
        expect(fused(1)).toEqual(window);
        expect(fused(0)).toEqual(relu(window));
        expect(fused(0.1)).toEqual(leakyRelu(window, { slope: 0.1 }));
      }),
      { numRuns: 20 },
    );
  });

  test('at a sum of 0, as at negative ones, passes the slope of the gradient on', () => {
    const x = tensor([1, 1, 1, 3], [-1, 0, 1]);
    const [weight, head] = [tensor([1, 1, 1, 1], [1]), tensor([1, 1, 1, 2], [4, 4])];
    const attributes = { size: [1, 2], slope: 0.25 } as const;
    const toData = (offset: readonly [number, number]): number[] => [
      ...gradientsOf(fusedDeconvolutionOperator, [x, weight], [head], { ...attributes, offset })[0]!.data,
    ];
    expect([toData([0, 0]), toData([0, 1])]).toEqual([
      [1, 1, 0],
      [0, 1, 4],
    ]);
  });

  test('costs what the deconvolution costs', () => {
    const attributes = { ...fusedDeconvolutionOperator.defaults, size: 3, groups: 3, stride: 2 };
    const shapes = [[2, 6, 5, 7], [6, 4, 3, 8], undefined] as const;
    expect(fusedDeconvolutionOperator.multiplyAdds!(shapes, attributes)).toBe(2 * 6 * (5 * 7) * (4 * 3 * 8));
  });

  test.each<[string, Shape, FusedDeconvolutionAttributes, string]>([
    ['channels that do not fit', [3, 1, 4, 4], { size: 1 }, 'weight has 3 input channels, data has 2'],
    ['a window beyond the result', [2, 1, 4, 4], { size: 7, offset: 1 }, 'a 7x7 window at offset 1, 1'],
    ['a window of no size', [2, 1, 4, 4], { size: [1, 0] }, 'fusedDeconvolution: size is [1,0], expected'],
    ['a negative offset', [2, 1, 4, 4], { size: 1, offset: -1 }, 'offset is -1, expected'],
    ['a negative slope', [2, 1, 4, 4], { size: 1, slope: -0.1 }, 'fusedDeconvolution: slope is -0.1'],
  ])('refuses %s', (_, weight, attributes, message) => {
    const call = (): Tensor => fusedDeconvolution(zeros([1, 2, 4, 4]), zeros(weight), undefined, attributes);
    expect(call).toThrow(message);
  });
});
