import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  convolution,
  deconvolution,
  type DeconvolutionAttributes,
  deconvolutionOperator,
} from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const cases: fc.Arbitrary<OperatorCase<DeconvolutionAttributes>> = fc
  .record({
    N: small(1, 2),
    groups: fc.constantFrom(1, 1, 2),
    groupC: small(1, 3),
    groupO: small(1, 3),
    size: fc.tuple(small(1, 4), small(1, 4)),
    kernel: fc.tuple(small(1, 4), small(1, 4)),
    stride: fc.tuple(small(1, 3), small(1, 3)),
    dilation: fc.tuple(small(1, 2), small(1, 2)),
    fraction: fc.tuple(small(0, 2), small(0, 2)),
    biased: fc.boolean(),
  })
  .chain(({ N, groups, groupC, groupO, size, kernel, stride, dilation, fraction, biased }) => {
    const pad = ([0, 1] as const).map((a) =>
      Math.min(fraction[a], Math.floor((dilation[a] * (kernel[a] - 1)) / 2)),
    );
    const adjust = ([0, 1] as const).map((a) => Math.min(fraction[a], stride[a] - 1));
    const attributes = {
      stride,
      dilation,
      groups,
      pad: [pad[0]!, pad[1]!],
      adjust: [adjust[0]!, adjust[1]!],
    } as const;
    const inputs = [
      values([N, groups * groupC, ...size]),
      values([groups * groupC, groupO, ...kernel], { min: -1, max: 1 }),
      ...(biased ? [values([groups * groupO])] : []),
    ];
    return fc.record({ inputs: fc.tuple(...inputs), attributes: fc.constant(attributes) });
  });

const both = (value: number | readonly [number, number]): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

checkOp(deconvolutionOperator, cases, {
  // Gather form: ask of every output pixel which input pixels reach it.
  oracle: ([data, weight, bias], { stride, pad, dilation, groups, adjust }) => {
    const [N = 0, C = 0, H = 0, W = 0] = data!.shape;
    const [, groupO = 0, I = 0, J = 0] = weight!.shape;
    const [[sy, sx], [py, px], [dy, dx], [ay, ax]] = [both(stride), both(pad), both(dilation), both(adjust)];
    const P = sy * (H - 1) + dy * (I - 1) + 1 - 2 * py + ay;
    const Q = sx * (W - 1) + dx * (J - 1) + 1 - 2 * px + ax;
    return build([N, groupO * groups, P, Q], (n, o, p, q) => {
      let sum = bias ? at(bias, o) : 0;
      const first = Math.floor(o / groupO) * (C / groups);
      for (let c = first; c < first + C / groups; c++) {
        for (let i = 0; i < I; i++) {
          for (let j = 0; j < J; j++) {
            const [y, x] = [(p + py - i * dy) / sy, (q + px - j * dx) / sx];
            if (Number.isInteger(y) && Number.isInteger(x) && y >= 0 && y < H && x >= 0 && x < W)
              sum += at(weight!, c, o % groupO, i, j) * at(data!, n, c, y, x);
          }
        }
      }
      return sum;
    });
  },
  tolerance: { float32: 5e-6, float64: 1e-12 },
});

describe('deconvolution', () => {
  test('gives the check vector of the FlowNet geometry', () => {
    const weight = tensor(
      [1, 1, 4, 4],
      Array.from({ length: 16 }, (_, k) => k + 1),
    );
    const rows = [
      [1, 2, 5, 8, 6, 8],
      [5, 6, 17, 20, 14, 16],
      [12, 16, 42, 52, 34, 40],
      [28, 32, 82, 92, 58, 64],
      [27, 30, 69, 76, 44, 48],
      [39, 42, 97, 104, 60, 64],
    ];
    expect([
      ...deconvolution(tensor([1, 1, 2, 2], [1, 2, 3, 4]), weight, undefined, { stride: 2 }).data,
    ]).toEqual(rows.flat());
  });

  test('is the adjoint of convolution: ⟨convolution(x), y⟩ = ⟨x, deconvolution(y)⟩', () => {
    fc.assert(
      fc.property(values([1, 2, 7, 6]), values([3, 2, 3, 3]), values([1, 3, 4, 3]), (x, weight, y) => {
        const geometry = { stride: 2, pad: 1 };
        const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
          Array.from(a).reduce((s, v, k) => s + v * b[k]!, 0);
        const there = dot(convolution(x, weight, undefined, geometry).data, y.data);
        const back = dot(x.data, deconvolution(y, weight, undefined, { ...geometry, adjust: [0, 1] }).data);
        expect(there).toBeCloseTo(back, 8);
      }),
    );
  });

  test('sums over more channels, into more maps, than a block holds', () => {
    const dataAt = (c: number, x: number): number => ((c * 7 + x * 3) % 11) - 5;
    const weightAt = (c: number, o: number): number => ((c * 5 + o * 2) % 13) - 6;
    const data = build([1, 700, 1, 6], (_n, c, _y, x) => dataAt(c, x));
    const weight = build([700, 6, 1, 1], (c, o) => weightAt(c, o));
    const expected = build([1, 6, 1, 6], (_n, o, _y, x) => {
      let sum = 0;
      for (let c = 0; c < 700; c++) sum += dataAt(c, x) * weightAt(c, o);
      return sum;
    });
    expect(deconvolution(data, weight)).toEqual(expected);
  });

  test('counts the multiply-adds of every input pixel, of one group each', () => {
    const attributes = { ...deconvolutionOperator.defaults, groups: 3, stride: 2 };
    const count = deconvolutionOperator.multiplyAdds!([[2, 6, 5, 7], [6, 4, 3, 8], undefined], attributes);
    expect(count).toBe(2 * 6 * (5 * 7) * (4 * 3 * 8));
  });

  test.each<[string, number[], number[], DeconvolutionAttributes, string]>([
    ['channels that do not fit', [1, 3, 2, 2], [2, 1, 3, 3], {}, 'weight has 2 input channels, data has 3'],
    [
      'an adjustment of a whole stride',
      [1, 2, 2, 2],
      [2, 1, 3, 3],
      { stride: 2, adjust: 2 },
      'less than the stride',
    ],
    ['as much on one axis', [1, 2, 2, 2], [2, 1, 3, 3], { stride: 2, adjust: [2, 0] }, 'adjust is [2,0]'],
    ['as much on the other', [1, 2, 2, 2], [2, 1, 3, 3], { stride: 2, adjust: [0, 2] }, 'adjust is [0,2]'],
    ['a stride of 0', [1, 2, 2, 2], [2, 1, 3, 3], { stride: 0 }, 'stride is 0, expected'],
    ['a dilation of 0', [1, 2, 2, 2], [2, 1, 3, 3], { dilation: 0 }, 'dilation is 0, expected'],
    ['no groups', [1, 2, 2, 2], [2, 1, 3, 3], { groups: 0 }, 'groups is 0, expected'],
    ['padding that leaves no row', [1, 2, 1, 5], [2, 1, 2, 2], { pad: 1 }, 'the padding leaves no output'],
    ['padding that leaves no column', [1, 2, 5, 1], [2, 1, 2, 2], { pad: 1 }, 'the padding leaves no output'],
    ['padding that leaves nothing', [1, 2, 1, 1], [2, 1, 2, 2], { pad: 1 }, 'the padding leaves no output'],
  ])('refuses %s', (_, data, weight, attributes, message) => {
    const zero = (shape: number[]): ReturnType<typeof tensor> =>
      tensor(shape, new Float32Array(shape.reduce((a, b) => a * b)));
    expect(() => deconvolution(zero(data), zero(weight), undefined, attributes)).toThrow(message);
  });
});
