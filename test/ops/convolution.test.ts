import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convolution, type ConvolutionAttributes, convolutionOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** Geometry is drawn first; the data is then made just large enough, plus up to five pixels. */
const cases: fc.Arbitrary<OperatorCase<ConvolutionAttributes>> = fc
  .record({
    N: small(1, 2),
    groups: fc.constantFrom(1, 1, 2, 3),
    groupC: small(1, 3),
    groupO: small(1, 5),
    kernel: fc.tuple(small(1, 4), small(1, 4)),
    stride: fc.tuple(small(1, 3), small(1, 3)),
    pad: fc.tuple(small(0, 3), small(0, 3)),
    dilation: fc.tuple(small(1, 3), small(1, 3)),
    extra: fc.tuple(small(0, 5), small(0, 5)),
    biased: fc.boolean(),
  })
  .chain(({ N, groups, groupC, groupO, kernel, stride, pad, dilation, extra, biased }) => {
    const size = (axis: 0 | 1): number =>
      Math.max(1, dilation[axis] * (kernel[axis] - 1) + 1 - 2 * pad[axis]) + extra[axis];
    const inputs = [
      values([N, groups * groupC, size(0), size(1)]),
      values([groups * groupO, groupC, kernel[0], kernel[1]], { min: -1, max: 1 }),
      ...(biased ? [values([groups * groupO])] : []),
    ];
    return fc.record({
      inputs: fc.tuple(...inputs),
      attributes: fc.constant({ stride, pad, dilation, groups }),
    });
  });

const both = (value: number | readonly [number, number]): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

checkOp(convolutionOperator, cases, {
  // The defining sum, one output at a time, reading zeros outside.
  oracle: ([data, weight, bias], { stride, pad, dilation, groups }) => {
    const [N = 0, C = 0, H = 0, W = 0] = data!.shape;
    const [O = 0, , I = 0, J = 0] = weight!.shape;
    const [[sy, sx], [py, px], [dy, dx]] = [both(stride), both(pad), both(dilation)];
    const P = Math.floor((H + 2 * py - dy * (I - 1) - 1) / sy) + 1;
    const Q = Math.floor((W + 2 * px - dx * (J - 1) - 1) / sx) + 1;
    return build([N, O, P, Q], (n, o, p, q) => {
      let sum = bias ? at(bias, o) : 0;
      const first = Math.floor((o * groups) / O) * (C / groups);
      for (let c = 0; c < C / groups; c++) {
        for (let i = 0; i < I; i++) {
          for (let j = 0; j < J; j++) {
            sum +=
              at(weight!, o, c, i, j) * at(data!, n, first + c, p * sy - py + i * dy, q * sx - px + j * dx);
          }
        }
      }
      return sum;
    });
  },
  tolerance: { float32: 5e-6, float64: 1e-12 },
});

describe('convolution', () => {
  test('sums over more channels than a block holds', () => {
    const data = tensor(
      [1, 700, 1, 1],
      Float64Array.from({ length: 700 }, (_, c) => c),
    );
    const weight = tensor(
      [2, 700, 1, 1],
      Float64Array.from({ length: 1400 }, (_, k) => (k < 700 ? 1 : -2)),
    );
    expect([...convolution(data, weight).data]).toEqual([244650, -489300]);
  });

  test('NaN in the channels of one group leaves the other group alone', () => {
    const data = tensor([1, 2, 1, 1], [NaN, 5]);
    const weight = tensor([10, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const { data: out } = convolution(data, weight, undefined, { groups: 2 });
    expect([...out]).toEqual([NaN, NaN, NaN, NaN, NaN, 30, 35, 40, 45, 50]);
  });

  test('a tap far outside a small map never reads the neighbouring row', () => {
    const data = tensor([1, 1, 2, 2], [1, 2, 3, 4]);
    const weight = tensor([1, 1, 3, 3], [9, 9, 9, 9, 1, 9, 9, 9, 9]);
    expect([...convolution(data, weight, undefined, { pad: 6, dilation: 6 }).data]).toEqual([1, 2, 3, 4]);
  });

  test('counts the multiply-adds of every output pixel, of one group each', () => {
    const attributes = { ...convolutionOperator.defaults, groups: 3, pad: 1 };
    const count = convolutionOperator.multiplyAdds!([[2, 6, 5, 7], [9, 2, 3, 4], undefined], attributes);
    expect(count).toBe(2 * 9 * (5 * 6) * (2 * 3 * 4));
  });

  test.each<[string, number[], number[], ConvolutionAttributes, string]>([
    ['channels that do not fit', [1, 3, 5, 5], [4, 2, 3, 3], {}, 'weight has 2 input channels, data has 3'],
    [
      'a kernel larger than the data',
      [1, 2, 2, 2],
      [4, 2, 3, 3],
      {},
      'kernel is larger than the padded data',
    ],
    ['a kernel one row too high', [1, 2, 2, 5], [4, 2, 3, 3], {}, 'kernel is larger than the padded data'],
    ['a kernel one column too wide', [1, 2, 5, 2], [4, 2, 3, 3], {}, 'kernel is larger than the padded data'],
    ['a stride of 0', [1, 2, 5, 5], [4, 2, 3, 3], { stride: 0 }, 'stride is 0'],
    ['a stride of 0 on one axis', [1, 2, 5, 5], [4, 2, 3, 3], { stride: [1, 0] }, 'stride is [1,0]'],
    ['a dilation of 0', [1, 2, 5, 5], [4, 2, 3, 3], { dilation: 0 }, 'dilation is 0'],
    ['no groups', [1, 2, 5, 5], [4, 2, 3, 3], { groups: 0 }, 'groups is 0'],
    [
      'channels that do not fit the groups',
      [1, 4, 5, 5],
      [6, 3, 3, 3],
      { groups: 2 },
      'weight has 6 input channels, data has 4',
    ],
    ['three axes', [2, 5, 5], [4, 2, 3, 3], {}, 'data is 2x5x5, expected four axes'],
  ])('refuses %s', (_, data, weight, attributes, message) => {
    const zero = (shape: number[]) => tensor(shape, new Float32Array(shape.reduce((a, b) => a * b)));
    expect(() => convolution(zero(data), zero(weight), undefined, attributes)).toThrow(message);
  });
});
