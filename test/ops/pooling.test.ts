import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pooling, type PoolingAttributes, poolingOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, distinctValues, type OperatorCase, values } from '../../src/testing/index.ts';

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** Geometry is drawn first; the data is then made just large enough, plus up to five pixels. */
const cases: fc.Arbitrary<OperatorCase<PoolingAttributes>> = fc
  .record({
    N: small(1, 2),
    C: small(1, 3),
    type: fc.constantFrom('max' as const, 'average' as const),
    kernel: fc.tuple(small(1, 4), small(1, 4)),
    stride: fc.tuple(small(1, 4), small(1, 4)),
    pad: fc.tuple(small(0, 3), small(0, 3)),
    convention: fc.constantFrom('valid' as const, 'full' as const),
    global: fc.constantFrom(false, false, false, true),
    countPadding: fc.boolean(),
    extra: fc.tuple(small(0, 5), small(0, 5)),
  })
  .chain(({ N, C, extra, ...attributes }) => {
    const size = (axis: 0 | 1): number =>
      Math.max(1, attributes.kernel[axis] - 2 * attributes.pad[axis]) + extra[axis];
    return fc.record({
      inputs: fc.tuple(values([N, C, size(0), size(1)])),
      attributes: fc.constant(attributes),
    });
  });

/** Without ties, and without windows that hold no pixel, whose lowest float32 would drown the differences. */
const smooth = cases
  .chain(({ inputs, attributes }) =>
    fc.record({ inputs: fc.tuple(distinctValues(inputs[0]!.shape)), attributes: fc.constant(attributes) }),
  )
  .filter(({ inputs, attributes }) => pooling(inputs[0], attributes).data.every((value) => value > -1e30));

const both = (value: number | readonly [number, number]): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

/** Window starts, found by sliding until the padded image ends; full adds one when pixels are left over. */
function starts(size: number, kernel: number, stride: number, pad: number, full: boolean): number[] {
  const result: number[] = [];
  let start = -pad;
  for (; start + kernel <= size + pad; start += stride) result.push(start);
  const covered = start - stride + kernel;
  if (full && covered < size + pad) result.push(start);
  return result;
}

checkOp(poolingOperator, cases, {
  skip: { secondDerivative: 'maxPoolingGradient has no gradient' },
  // Walks every position of every window, tests each for image and padding, and counts.
  oracle: ([data], { type, kernel, stride, pad, convention, global, countPadding }) => {
    const [N = 0, C = 0, H = 0, W = 0] = data!.shape;
    const [k, s, p] = global
      ? ([[H, W], [1, 1], [0, 0]] as const) // prettier-ignore
      : [both(kernel), both(stride), both(pad)];
    const rows = starts(H, k[0], s[0], p[0], convention === 'full');
    const columns = starts(W, k[1], s[1], p[1], convention === 'full');
    return build([N, C, rows.length, columns.length], (n, c, row, column) => {
      const pixels: number[] = [];
      let padding = 0;
      for (let y = rows[row]!; y < rows[row]! + k[0]; y++) {
        for (let x = columns[column]!; x < columns[column]! + k[1]; x++) {
          if (y >= 0 && y < H && x >= 0 && x < W) pixels.push(at(data!, n, c, y, x));
          else if (y >= -p[0] && y < H + p[0] && x >= -p[1] && x < W + p[1]) padding++;
        }
      }
      if (type === 'max') return Math.max(-3.4028234663852886e38, ...pixels.filter((x) => !Number.isNaN(x)));
      const divisor = pixels.length + (countPadding ? padding : 0);
      return pixels.reduce((a, b) => a + b, 0) / Math.max(1, divisor);
    });
  },
  tolerance: { float32: 1e-6, float64: 1e-14 },
  gradient: { cases: smooth },
});

const counting = (H: number, W: number) =>
  tensor(
    [1, 1, H, W],
    Float64Array.from({ length: H * W }, (_, i) => i + 1),
  );

describe('pooling', () => {
  test('halves an odd map with partial windows that divide by the pixels they hold', () => {
    const half = pooling(counting(3, 3), { type: 'average', kernel: 2, stride: 2, convention: 'full' });
    expect(half.shape).toEqual([1, 1, 2, 2]);
    expect([...half.data]).toEqual([3, 4.5, 7.5, 9]);
  });

  test('divides overhanging windows by the positions that are left of them', () => {
    const mean = (padX: number): number[] => [
      ...pooling(counting(1, 9), {
        type: 'average',
        kernel: [1, 7],
        stride: [1, 3],
        pad: [0, padX],
        convention: 'full',
      }).data,
    ];
    expect(mean(0)).toEqual([4, 6.5]); // divisors 7 and 6
    expect(mean(1)).toEqual([3, 6, 6]); // divisors 7, 7 and 5: four pixels and one position of padding
  });

  test('gives the resolutions of the network: pool1 of ResNet and the halved image', () => {
    const shape = (attributes: PoolingAttributes): unknown =>
      poolingOperator.shape([[1, 3, 562, 1000]], { ...poolingOperator.defaults, ...attributes });
    expect(shape({ type: 'max', kernel: 3, stride: 2, pad: 1 })).toEqual([[1, 3, 281, 500]]);
    expect(shape({ type: 'average', kernel: 2, stride: 2, convention: 'full' })).toEqual([[1, 3, 281, 500]]);
  });

  test('padding never wins a maximum, even among negative values', () => {
    const data = tensor([1, 1, 2, 2], [-4, -3, -2, -1]);
    expect([...pooling(data, { type: 'max', kernel: 3, stride: 2, pad: 1 }).data]).toEqual([-1]);
  });

  test('a max window without a pixel gives the lowest finite float32, an average window 0', () => {
    const attributes = { kernel: 2, stride: 3, convention: 'full' } as const;
    const lowest = -3.4028234663852886e38;
    const data = counting(3, 3);
    expect([...pooling(data, { type: 'max', ...attributes }).data]).toEqual([5, lowest, lowest, lowest]);
    expect([...pooling(data, { type: 'average', ...attributes }).data]).toEqual([3, 0, 0, 0]);
  });

  test('a window wholly in the declared padding averages to 0, whether padding counts or not', () => {
    const attributes = { type: 'average', kernel: 2, stride: 2, pad: [0, 2] } as const;
    expect([...pooling(counting(2, 2), attributes).data]).toEqual([0, 2.5, 0]);
    expect([...pooling(counting(2, 2), { ...attributes, countPadding: false }).data]).toEqual([0, 2.5, 0]);
  });

  test('global pooling does not look at kernel, stride, pad and convention', () => {
    const odd = { kernel: 0, stride: -1, pad: 9, convention: 'full', global: true } as const;
    expect([...pooling(counting(3, 5), { type: 'average', ...odd }).data]).toEqual([8]);
    expect([...pooling(counting(3, 5), { type: 'max', ...odd }).data]).toEqual([15]);
  });

  test('NaN never wins a maximum, and makes every mean that reads it NaN', () => {
    const data = tensor([1, 1, 1, 6], [NaN, 1, 2, NaN, 3, 4]);
    const attributes = { kernel: [1, 2], stride: [1, 2] } as const;
    expect([...pooling(data, { type: 'max', ...attributes }).data]).toEqual([1, 2, 4]);
    expect([...pooling(data, { type: 'average', ...attributes }).data]).toEqual([NaN, NaN, 3.5]);
  });

  test.each([
    ['the quotient', 3 * (2 ** 23 + 1) + 2, 2 ** 23 + 2], // (3 k + 1) / 3 is rounded to k = 2²³ + 1
    ['the dividend', 2 ** 24 + 10, 5592409], // 2²⁴ + 9 is rounded to 2²⁴ + 8 = 3 · 5592408
  ])('full counts windows in float32, as MXNet does: %s is rounded', (_, size, count) => {
    const attributes = { ...poolingOperator.defaults, type: 'max', kernel: 1, convention: 'full' } as const;
    const [shape] = poolingOperator.shape([[1, 1, 1, size]], { ...attributes, stride: [1, 3] });
    expect(shape[3]).toBe(count);
  });

  test.each([
    ['three axes', [3, 5, 5], { kernel: 2 }, 'data is 3x5x5, expected four axes'],
    ['a kernel of 0', [1, 3, 5, 5], { kernel: 0 }, 'kernel is 0, expected whole numbers of at least 1'],
    [
      'a kernel larger than the data',
      [1, 1, 1, 5],
      { kernel: 2 },
      'kernel is larger than the padded data (data 1x1x1x5',
    ],
    [
      'a kernel higher than data and padding',
      [1, 1, 3, 9],
      { kernel: [6, 1], pad: 1 },
      'kernel 6x1, pad 1x1); pad more',
    ],
    [
      'a kernel wider than data and padding',
      [1, 1, 9, 3],
      { kernel: [1, 6], pad: 1 },
      'kernel 1x6, pad 1x1); pad more',
    ],
    [
      'the same in full mode',
      [1, 1, 1, 5],
      { kernel: 2, convention: 'full' },
      'kernel 2x2, pad 0x0); pad more',
    ],
    ['a stride of 0', [1, 3, 5, 5], { kernel: 2, stride: 0 }, 'stride is 0'],
    ['an unknown type', [1, 3, 5, 5], { kernel: 2, type: 'avg' }, 'type is "avg", expected max or average'],
    ['an unknown convention', [1, 3, 5, 5], { kernel: 2, convention: 'same' }, 'expected valid or full'],
  ])('refuses %s', (_, shape, attributes, message) => {
    const complete = {
      ...poolingOperator.defaults,
      type: 'max',
      ...attributes,
    } as Required<PoolingAttributes>;
    expect(() => poolingOperator.shape([shape], complete)).toThrow(message);
  });
});
