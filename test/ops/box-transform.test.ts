import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clipBoxes, decodeBoxes, encodeBoxes } from '../../src/ops/index.ts';
import { cast, tensor, zeros } from '../../src/tensor/index.ts';
import { box } from './regions.ts';

describe('decodeBoxes', () => {
  test('moves the centre by fractions of the size and scales the size by powers of e', () => {
    const rois = tensor([1, 4], [10, 20, 19, 39]); // 10 wide, 20 high, centre (14.5, 29.5)
    const deltas = tensor([1, 8], [0, 0, 0, 0, 0.5, -0.25, Math.LN2, 0]);
    const out = decodeBoxes(rois, deltas);
    expect(out.dtype).toBe('float64');
    // centre (19.5, 24.5), 20 wide, 20 high
    expect([...out.data]).toEqual([10, 20, 19, 39, 10, 15, 29, 34]);
  });

  test('treats every row and every group of four columns alike', () => {
    const boxes = [3, 5, 12, 44, 10, 20, 19, 39, 0, 0, 6, 2];
    const deltas = Array.from({ length: 24 }, (_, k) => ((k * 7) % 11) / 8 - 0.5);
    const together = decodeBoxes(tensor([3, 4], boxes), tensor([3, 8], deltas)).data;
    const alone = [0, 1, 2].flatMap((r) =>
      [0, 1].flatMap((g) => [
        ...decodeBoxes(
          tensor([1, 4], boxes.slice(4 * r, 4 * r + 4)),
          tensor([1, 4], deltas.slice(8 * r + 4 * g, 8 * r + 4 * g + 4)),
        ).data,
      ]),
    );
    expect([...together]).toEqual(alone);
  });

  test('takes the power in the precision of the corrections, the rest in float64', () => {
    const rois = tensor([1, 4], [0, 0, 99, 99]);
    const growth = Math.fround(0.3);
    const width = (dtype: 'float32' | 'float64'): number => {
      const out = decodeBoxes(rois, tensor([1, 4], [0, 0, growth, 0], dtype)).data;
      return out[2]! - out[0]! + 1;
    };
    expect(width('float32')).toBeCloseTo(Math.fround(Math.exp(growth)) * 100, 12);
    expect(width('float64')).toBeCloseTo(Math.exp(growth) * 100, 12);
    expect(width('float32')).not.toBe(width('float64'));
  });

  test('refuses corrections that are no multiple of four, or of other rows', () => {
    const rois = zeros([2, 4]);
    const message = 'expected 2 rows of a multiple of 4 columns';
    expect(() => decodeBoxes(rois, zeros([2, 6]))).toThrow(`decodeBoxes: deltas is 2x6, ${message}`);
    expect(() => decodeBoxes(rois, zeros([1, 4]))).toThrow(`decodeBoxes: deltas is 1x4, ${message}`);
  });
});

describe('encodeBoxes', () => {
  test('is undone by decodeBoxes', () => {
    fc.assert(
      fc.property(box(100), box(100), (from, to) => {
        const [boxes, targets] = [tensor([1, 4], from, 'float64'), tensor([1, 4], to, 'float64')];
        const back = decodeBoxes(boxes, encodeBoxes(boxes, targets));
        back.data.forEach((value, i) => expect(value).toBeCloseTo(to[i]!, 9));
      }),
    );
  });

  test('works in float32 when both tables are float32, else in float64', () => {
    const [boxes, targets] = [tensor([1, 4], [0, 0, 2, 6]), tensor([1, 4], [1, 0, 2, 4])];
    const exact = [0.5 / 3, -1 / 7, Math.log(2 / 3), Math.log(5 / 7)];
    const mixed = encodeBoxes(cast(boxes, 'float64'), targets);
    expect(encodeBoxes(boxes, targets).dtype).toBe('float32');
    expect(mixed.dtype).toBe('float64');
    mixed.data.forEach((value, i) => expect(value).toBeCloseTo(exact[i]!, 12));
  });

  test('rounds sizes and centres of a float32 table, even beside a float64 one', () => {
    const [x1, x2] = [Math.fround(0.1), Math.fround(30.7)];
    const [dx, , dw] = encodeBoxes(
      tensor([1, 4], [0, 0, 31, 31], 'float64'),
      tensor([1, 4], [x1, 0, x2, 31]),
    ).data;
    const width = Math.fround(Math.fround(x2 - x1) + 1);
    const centre = Math.fround(x1 + Math.fround(0.5 * Math.fround(width - 1)));
    expect([dx, dw]).toEqual([(centre - 15.5) / (32 + 1e-14), Math.log(width / 32)]);
    expect(width).not.toBe(x2 - x1 + 1); // so that the rounding shows
    expect(centre).not.toBe((x1 + x2) / 2);
  });

  test('stays finite in the centre for a box without width', () => {
    const empty = tensor([1, 4], [5, 0, 4, 9], 'float64');
    const [dx, , dw] = encodeBoxes(empty, tensor([1, 4], [5, 0, 5, 9], 'float64')).data;
    expect([dx, dw]).toEqual([0.5 / 1e-14, Infinity]);
  });

  test('refuses another number of targets', () => {
    expect(() => encodeBoxes(zeros([2, 4]), zeros([1, 4]))).toThrow(
      'targets is 1x4, expected 2x4, one per box',
    );
  });
});

test('clipBoxes cuts x to the width and y to the height', () => {
  const out = clipBoxes(tensor([1, 8], [3, 4, 500, 6, -5, -5, 5, 500]), 30, 40);
  expect([...out.data]).toEqual([3, 4, 39, 6, 0, 0, 5, 29]);
});
