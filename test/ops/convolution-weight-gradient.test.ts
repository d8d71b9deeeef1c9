import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  convolutionWeightGradient,
  type ConvolutionWeightGradientAttributes,
  convolutionWeightGradientOperator,
} from '../../src/ops/index.ts';
import { full, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** Geometry and the output's size are drawn first; the data is made just large enough, plus what no window reads. */
const cases: fc.Arbitrary<OperatorCase<ConvolutionWeightGradientAttributes>> = fc
  .record({
    N: small(1, 2),
    groups: fc.constantFrom(1, 1, 2, 3),
    groupC: small(1, 3),
    groupO: small(1, 3),
    output: fc.tuple(small(1, 4), small(1, 4)),
    kernel: fc.tuple(small(1, 3), small(1, 3)),
    stride: fc.tuple(small(1, 3), small(1, 3)),
    pad: fc.tuple(small(0, 2), small(0, 2)),
    dilation: fc.tuple(small(1, 3), small(1, 3)),
    left: small(0, 2),
  })
  .map(({ left, ...rest }) => {
    const size = (axis: 0 | 1): number =>
      rest.stride[axis] * (rest.output[axis] - 1) +
      rest.dilation[axis] * (rest.kernel[axis] - 1) +
      1 -
      2 * rest.pad[axis] +
      Math.min(left, rest.stride[axis] - 1);
    return { ...rest, H: size(0), W: size(1) };
  })
  .filter(({ H, W }) => H > 0 && W > 0)
  .chain(({ N, groups, groupC, groupO, output, H, W, ...window }) =>
    fc.record({
      inputs: fc.tuple(values([N, groups * groupC, H, W]), values([N, groups * groupO, ...output])),
      attributes: fc.constant({ ...window, groups }),
    }),
  );

const both = (value: number | readonly [number, number]): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

checkOp(convolutionWeightGradientOperator, cases, {
  // One weight at a time: everything that it was multiplied with, times where the product went.
  oracle: ([data, head], { kernel, stride, pad, dilation, groups }) => {
    const [N = 0, C = 0] = data!.shape;
    const [, O = 0, P = 0, Q = 0] = head!.shape;
    const [[sy, sx], [py, px], [dy, dx]] = [both(stride), both(pad), both(dilation)];
    return build([O, C / groups, ...both(kernel)], (o, c, i, j) => {
      const channel = Math.floor((o * groups) / O) * (C / groups) + c;
      let sum = 0;
      for (let n = 0; n < N; n++) {
        for (let p = 0; p < P; p++) {
          for (let q = 0; q < Q; q++) {
            const pixel = at(data!, n, channel, p * sy - py + i * dy, q * sx - px + j * dx);
            sum += at(head!, n, o, p, q) * pixel;
          }
        }
      }
      return sum;
    });
  },
  tolerance: { float32: 5e-6, float64: 1e-12 },
});

describe('convolutionWeightGradient', () => {
  test('adds up over the images of a batch', () => {
    const gradient = convolutionWeightGradient(
      tensor([2, 1, 1, 1], [3, 5]),
      tensor([2, 1, 1, 1], [10, 100]),
      {
        kernel: 1,
      },
    );
    expect(gradient.shape).toEqual([1, 1, 1, 1]);
    expect([...gradient.data]).toEqual([530]);
  });

  test('sums over more output pixels, and into more taps, than a block holds', () => {
    const [data, head] = [full([1, 1, 20, 20], 1), full([1, 1, 20, 20], 1)];
    const { data: got } = convolutionWeightGradient(data, head, { kernel: [3, 51], pad: [1, 25] });
    // A tap counts the pixels that lie on the map when the map is moved by it.
    const left = (size: number, shift: number): number => Math.max(0, size - Math.abs(shift));
    const expected = Array.from(
      { length: 3 * 51 },
      (_, k) => left(20, Math.floor(k / 51) - 1) * left(20, (k % 51) - 25),
    );
    expect([...got]).toEqual(expected);
  });

  test('counts the multiply-adds of the convolution that it belongs to', () => {
    const attributes = {
      ...convolutionWeightGradientOperator.defaults,
      kernel: [3, 4],
      pad: 1,
      groups: 3,
    } as const;
    const count = convolutionWeightGradientOperator.multiplyAdds!(
      [
        [2, 6, 5, 7],
        [2, 9, 5, 6],
      ],
      attributes,
    );
    expect(count).toBe(2 * 9 * (5 * 6) * (2 * 3 * 4));
  });

  test.each([
    [
      'a head of another size',
      [1, 2, 5, 5],
      [1, 4, 4, 4],
      { kernel: 3 },
      'head is 1x4x4x4, expected 1x4x3x3',
    ],
    ['a kernel of size 0', [1, 2, 5, 5], [1, 4, 5, 5], { kernel: 0 }, 'kernel is 0'],
    [
      'channels that groups do not divide',
      [1, 3, 5, 5],
      [1, 4, 5, 5],
      { kernel: 1, groups: 2 },
      '3 channels',
    ],
    ['no groups', [1, 3, 5, 5], [1, 4, 5, 5], { kernel: 1, groups: 0 }, 'groups is 0'],
  ])('refuses %s', (_, data, head, attributes, message) => {
    expect(() => convolutionWeightGradient(zeros(data), zeros(head), attributes)).toThrow(message);
  });
});
