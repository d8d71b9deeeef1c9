import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  maxPoolingGradient,
  maxPoolingGradientOperator,
  pooling,
  type PoolingWindowAttributes,
} from '../../src/ops/index.ts';
import { tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const both = (value: number | readonly [number, number]): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

/** Few different values, so that windows are full of ties. */
const tied = (shape: readonly number[]) =>
  values(shape, { min: 0, max: 2.5 }).map((drawn) => build(shape, (...i) => Math.floor(at(drawn, ...i))));

const cases: fc.Arbitrary<OperatorCase<PoolingWindowAttributes>> = fc
  .record({
    N: small(1, 2),
    C: small(1, 2),
    kernel: fc.tuple(small(1, 4), small(1, 4)),
    stride: fc.tuple(small(1, 4), small(1, 4)),
    pad: fc.tuple(small(0, 3), small(0, 3)),
    convention: fc.constantFrom('valid' as const, 'full' as const),
    global: fc.constantFrom(false, false, true),
    extra: fc.tuple(small(0, 4), small(0, 4)),
  })
  .chain(({ N, C, extra, ...attributes }) => {
    const size = (axis: 0 | 1): number =>
      Math.max(1, attributes.kernel[axis] - 2 * attributes.pad[axis]) + extra[axis];
    const shape = [N, C, size(0), size(1)];
    const pooled = pooling(zeros(shape), { ...attributes, type: 'max' }).shape;
    return fc.record({ inputs: fc.tuple(tied(shape), values(pooled)), attributes: fc.constant(attributes) });
  });

checkOp(maxPoolingGradientOperator, cases, {
  // Asks of every pixel and every window: is it in there, with nothing as large before it and nothing larger behind?
  oracle: ([data, head], { kernel, stride, pad, global }) => {
    const [, , H = 0, W = 0] = data!.shape;
    const [, , P = 0, Q = 0] = head!.shape;
    const [k, s, p] = global
      ? ([[H, W], [1, 1], [0, 0]] as const) // prettier-ignore
      : [both(kernel), both(stride), both(pad)];
    const inWindow = (y: number, x: number, i: number, j: number): boolean =>
      y >= i * s[0] - p[0] &&
      y < i * s[0] - p[0] + k[0] &&
      x >= j * s[1] - p[1] &&
      x < j * s[1] - p[1] + k[1];
    return build(data!.shape, (n, c, y, x) => {
      const mine = at(data!, n, c, y, x);
      const wins = (i: number, j: number): boolean => {
        for (let v = 0; v < H; v++) {
          for (let u = 0; u < W; u++) {
            const before = v < y || (v === y && u < x);
            const other = at(data!, n, c, v, u);
            if (inWindow(v, u, i, j) && (other > mine || (before && other === mine))) return false;
          }
        }
        return inWindow(y, x, i, j) && mine > -Infinity; // nor does NaN win
      };
      let sum = 0;
      for (let i = 0; i < P; i++) for (let j = 0; j < Q; j++) if (wins(i, j)) sum += at(head!, n, c, i, j);
      return sum;
    });
  },
});

describe('maxPoolingGradient', () => {
  const row = (...list: number[]) => tensor([1, 1, 1, list.length], list);

  test('gives everything to the first of equal pixels in row-major order', () => {
    const square = tensor([1, 1, 2, 2], [3, 5, 5, 5]);
    expect([...maxPoolingGradient(square, row(7), { kernel: 2 }).data]).toEqual([0, 7, 0, 0]);
  });

  test('adds up what a pixel wins in several windows', () => {
    const attributes = { kernel: [1, 2], stride: 1 } as const;
    expect([...maxPoolingGradient(row(1, 9, 2), row(10, 1), attributes).data]).toEqual([0, 11, 0]);
  });

  test('passes nothing on from a window without a pixel, or with nothing but NaN and minus infinity', () => {
    const beyond = { kernel: [1, 1], stride: [1, 2], convention: 'full' } as const;
    expect([...maxPoolingGradient(row(1, 2), row(3, 4), beyond).data]).toEqual([3, 0]);
    const attributes = { kernel: [1, 2], stride: [1, 2] } as const;
    expect([...maxPoolingGradient(row(NaN, -Infinity, NaN, 1), row(3, 4), attributes).data]).toEqual([
      0, 0, 0, 4,
    ]);
  });

  test('refuses a head of another shape than the pooling', () => {
    const call = () => maxPoolingGradient(zeros([1, 1, 4, 4]), zeros([1, 1, 4, 4]), { kernel: 2, stride: 2 });
    expect(call).toThrow('maxPoolingGradient: head is 1x1x4x4, expected 1x1x2x2; the shape of the pooling');
  });
});
