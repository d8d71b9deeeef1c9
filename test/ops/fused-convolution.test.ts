import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  convolution,
  elementwiseAdd,
  fusedConvolution,
  type FusedConvolutionAttributes,
  fusedConvolutionOperator,
  leakyRelu,
  relu,
} from '../../src/ops/index.ts';
import { cast, type Shape, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, gradientsOf, type OperatorCase, values } from '../../src/testing/index.ts';
import { activated, slopes, wholeValues } from './fused-cases.ts';

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

type Make = (shape: Shape, offset?: number) => fc.Arbitrary<Tensor>;

/** Geometry first; then data just large enough plus some pixels, in one of three forms: alone, with bias, with both. */
const casesOf = (make: Make): fc.Arbitrary<OperatorCase<FusedConvolutionAttributes>> =>
  fc
    .record({
      N: small(1, 2),
      groups: small(1, 2),
      groupC: small(1, 2),
      groupO: small(1, 3),
      kernel: fc.tuple(small(1, 3), small(1, 3)),
      stride: fc.tuple(small(1, 2), small(1, 2)),
      pad: fc.tuple(small(0, 2), small(0, 2)),
      dilation: fc.tuple(small(1, 2), small(1, 2)),
      extra: fc.tuple(small(0, 3), small(0, 3)),
      form: fc.constantFrom('alone', 'biased', 'residual', 'residual'),
      slope: slopes,
    })
    .chain(({ N, groups, groupC, groupO, form, slope, extra, kernel, ...geometry }) => {
      const { stride, pad, dilation } = geometry;
      const span = (axis: 0 | 1): number => dilation[axis] * (kernel[axis] - 1) + 1;
      const size = (axis: 0 | 1): number => Math.max(1, span(axis) - 2 * pad[axis]) + extra[axis];
      const out = (axis: 0 | 1): number =>
        Math.floor((size(axis) + 2 * pad[axis] - span(axis)) / stride[axis]) + 1;
      const O = groups * groupO;
      const inputs = [
        make([N, groups * groupC, size(0), size(1)]),
        make([O, groupC, ...kernel]),
        ...(form === 'alone' ? [] : [make([O], 0.5)]),
        ...(form === 'residual' ? [make([N, O, out(0), out(1)])] : []),
      ];
      const attributes = { ...geometry, groups, slope };
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
  fusedConvolutionOperator,
  casesOf((shape) => values(shape)),
  {
    // The defining sum, one output at a time, reading zeros outside.
    oracle: ([data, weight, bias, residual], { stride, pad, dilation, groups, slope }) => {
      const [N = 0, C = 0, H = 0, W = 0] = data!.shape;
      const [O = 0, , I = 0, J = 0] = weight!.shape;
      const [[sy, sx], [py, px], [dy, dx]] = [both(stride), both(pad), both(dilation)];
      const P = Math.floor((H + 2 * py - dy * (I - 1) - 1) / sy) + 1;
      const Q = Math.floor((W + 2 * px - dx * (J - 1) - 1) / sx) + 1;
      return build([N, O, P, Q], (n, o, p, q) => {
        let sum = (bias ? at(bias, o) : 0) + (residual ? at(residual, n, o, p, q) : 0);
        const first = Math.floor((o * groups) / O) * (C / groups);
        for (let c = 0; c < C / groups; c++) {
          for (let i = 0; i < I; i++) {
            for (let j = 0; j < J; j++) {
              const [y, x] = [p * sy - py + i * dy, q * sx - px + j * dx];
              sum += at(weight!, o, c, i, j) * at(data!, n, first + c, y, x);
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

describe('fusedConvolution', () => {
  const inputs = fc.tuple(values([2, 2, 5, 4]), values([3, 2, 3, 3]), values([3]), values([2, 3, 3, 2]));

  test('gives the bits of the operators it stands for', () => {
    fc.assert(
      fc.property(inputs, (exact) => {
        const [x, weight, bias, shortcut] = exact.map((value) => cast(value, 'float32'));
        const geometry = { stride: 2, pad: 1 };
        const sum = elementwiseAdd(convolution(x!, weight!, bias, geometry), shortcut!);
        const fused = (slope: number): Tensor =>
          fusedConvolution(x!, weight!, bias, shortcut, { ...geometry, slope });
        expect(fused(1)).toEqual(sum);
        expect(fused(0)).toEqual(relu(sum));
        expect(fused(0.1)).toEqual(leakyRelu(sum, { slope: 0.1 }));
      }),
      { numRuns: 20 },
    );
  });

  test('needs neither bias nor attributes', () => {
    const [x, weight] = [tensor([1, 1, 1, 2], [-2, 3]), tensor([1, 1, 1, 1], [2])];
    expect([...fusedConvolution(x, weight).data]).toEqual([-4, 6]);
    expect([...fusedConvolution(x, weight, undefined, undefined, { slope: 0.5 }).data]).toEqual([-2, 6]);
  });

  test('at a sum of 0, as at negative ones, passes the slope of the gradient on', () => {
    const x = tensor([1, 1, 1, 3], [-1, 0, 1]);
    const [weight, head] = [tensor([1, 1, 1, 1], [1]), tensor([1, 1, 1, 3], [4, 4, 4])];
    const toData = (slope: number): number[] => [
      ...gradientsOf(fusedConvolutionOperator, [x, weight], [head], { slope })[0]!.data,
    ];
    expect([toData(0), toData(0.25), toData(1)]).toEqual([
      [0, 0, 4],
      [1, 1, 4],
      [4, 4, 4],
    ]);
  });

  test('costs what the convolution costs', () => {
    const attributes = { ...fusedConvolutionOperator.defaults, groups: 3, pad: 1 };
    const shapes = [[2, 6, 5, 7], [9, 2, 3, 4], undefined, undefined] as const;
    expect(fusedConvolutionOperator.multiplyAdds!(shapes, attributes)).toBe(2 * 9 * (5 * 6) * (2 * 3 * 4));
  });

  test.each<[string, Shape, Shape | undefined, Shape | undefined, FusedConvolutionAttributes, string]>([
    [
      'channels that do not fit',
      [4, 3, 1, 1],
      undefined,
      undefined,
      {},
      'fusedConvolution: weight has 3 input channels, data has 2',
    ],
    [
      'a bias that does not fit',
      [4, 2, 1, 1],
      [3],
      undefined,
      {},
      'fusedConvolution: bias is 3, expected 4; one value per filter',
    ],
    [
      'a residual without a bias',
      [4, 2, 1, 1],
      undefined,
      [1, 4, 5, 5],
      {},
      'fusedConvolution: bias is 1x4x5x5, expected 4; one value per filter; a residual comes behind it',
    ],
    [
      'a residual that would repeat',
      [4, 2, 1, 1],
      [4],
      [1, 4, 1, 1],
      {},
      'fusedConvolution: residual is 1x4x1x1, expected 1x4x5x5; the shape of the result',
    ],
    ['a negative slope', [4, 2, 1, 1], undefined, undefined, { slope: -1 }, 'fusedConvolution: slope is -1'],
  ])('refuses %s', (_, weight, bias, residual, attributes, message) => {
    const [data, layer] = [zeros([1, 2, 5, 5]), zeros(weight)];
    const call = (): Tensor =>
      fusedConvolution(data, layer, bias && zeros(bias), residual && zeros(residual), attributes);
    expect(call).toThrow(message);
  });
});
