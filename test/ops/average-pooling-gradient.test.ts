import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  averagePoolingGradient,
  type AveragePoolingGradientAttributes,
  averagePoolingGradientOperator,
  pooling,
} from '../../src/ops/index.ts';
import { full, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const both = (value: number | readonly [number, number]): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

const cases: fc.Arbitrary<OperatorCase<AveragePoolingGradientAttributes>> = fc
  .record({
    N: small(1, 2),
    C: small(1, 2),
    kernel: fc.tuple(small(1, 4), small(1, 4)),
    stride: fc.tuple(small(1, 4), small(1, 4)),
    pad: fc.tuple(small(0, 3), small(0, 3)),
    convention: fc.constantFrom('valid' as const, 'full' as const),
    global: fc.constantFrom(false, false, true),
    countPadding: fc.boolean(),
    extra: fc.tuple(small(0, 4), small(0, 4)),
  })
  .chain(({ N, C, extra, ...attributes }) => {
    const size = (axis: 0 | 1): number =>
      Math.max(1, attributes.kernel[axis] - 2 * attributes.pad[axis]) + extra[axis];
    const [height, width] = [size(0), size(1)];
    const { shape } = pooling(zeros([N, C, height, width]), { ...attributes, type: 'average' });
    return fc.record({
      inputs: fc.tuple(values(shape)),
      attributes: fc.constant({ ...attributes, height, width }),
    });
  });

checkOp(averagePoolingGradientOperator, cases, {
  // Asks of every pixel which windows it is in, and counts the positions of each that are not beyond the padding.
  oracle: ([head], { kernel, stride, pad, global, countPadding, height: H, width: W }) => {
    const [N = 0, C = 0, P = 0, Q = 0] = head!.shape;
    const [k, s, p] = global
      ? ([[H, W], [1, 1], [0, 0]] as const) // prettier-ignore
      : [both(kernel), both(stride), both(pad)];
    const counted = (start: number, axis: 0 | 1): number => {
      const [size, edge] = [axis === 0 ? H : W, countPadding ? p[axis] : 0];
      const positions = Array.from({ length: k[axis] }, (_, i) => start + i);
      return positions.filter((y) => y >= -edge && y < size + edge).length;
    };
    return build([N, C, H, W], (n, c, y, x) => {
      let sum = 0;
      for (let i = 0; i < P; i++) {
        for (let j = 0; j < Q; j++) {
          const [top, left] = [i * s[0] - p[0], j * s[1] - p[1]];
          if (y < top || y >= top + k[0] || x < left || x >= left + k[1]) continue;
          sum += at(head!, n, c, i, j) / (counted(top, 0) * counted(left, 1));
        }
      }
      return sum;
    });
  },
});

describe('averagePoolingGradient', () => {
  test('divides a partial window by the pixels that it holds, as the forward pass does', () => {
    const attributes = { kernel: 2, stride: 2, convention: 'full', height: 3, width: 3 } as const;
    const got = averagePoolingGradient(tensor([1, 1, 2, 2], [4, 2, 2, 1]), attributes);
    expect([...got.data]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  test('hands the whole head back when no position of a window is padding', () => {
    const attributes = { kernel: 3, stride: 2, height: 7, width: 5 };
    const total = averagePoolingGradient(full([1, 1, 3, 2], 1), attributes).data;
    expect([...total].reduce((a, b) => a + b, 0)).toBeCloseTo(6, 5);
  });

  test('passes nothing on from a window that holds no pixel', () => {
    const attributes = { kernel: 1, stride: 2, convention: 'full', height: 1, width: 2 } as const;
    expect([...averagePoolingGradient(tensor([1, 1, 1, 2], [3, 4]), attributes).data]).toEqual([3, 0]);
  });

  test('gives maps without a row or a column back where the padding alone makes a window', () => {
    const window = { kernel: 2, stride: 2, pad: 1 };
    const shape = (P: number, Q: number, height: number, width: number): readonly number[] =>
      averagePoolingGradient(zeros([1, 1, P, Q]), { ...window, height, width }).shape;
    expect(shape(1, 2, 0, 3)).toEqual([1, 1, 0, 3]);
    expect(shape(2, 1, 3, 0)).toEqual([1, 1, 3, 0]);
  });

  test('refuses a head of another shape than the pooling, and half a row', () => {
    const attributes = { kernel: 2, stride: 2, height: 4, width: 4 };
    expect(() => averagePoolingGradient(zeros([1, 1, 4, 4]), attributes)).toThrow(
      'averagePoolingGradient: head is 1x1x4x4, expected 1x1x2x2; the shape of the pooling',
    );
    expect(() => averagePoolingGradient(zeros([1, 1, 2, 2]), { ...attributes, height: 3.5 })).toThrow(
      'averagePoolingGradient: height is 3.5, expected a whole number',
    );
  });
});
