import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boxOverlaps, nonMaximumSuppression, type SuppressionOptions } from '../../src/ops/index.ts';
import { cast, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { boxes } from './regions.ts';

/** By the book: a table of all pairs; each box that stands strikes out the later ones. Exact at these sizes. */
function byTheBook(list: Tensor, scores: readonly number[], options: SuppressionOptions): number[] {
  const { threshold, convention = 'inclusive', ties = 'lower', candidates, limit } = options;
  const overlaps = boxOverlaps(list, list, convention);
  const indices = [...scores.keys()];
  if (ties === 'higher') indices.reverse();
  const order = indices.sort((a, b) => scores[b]! - scores[a]!).slice(0, candidates);
  const struck = new Set<number>();
  order.forEach((a, rank) => {
    if (struck.has(a)) return;
    for (const b of order.slice(rank + 1)) {
      if (overlaps.data[a * scores.length + b]! > threshold) struck.add(b);
    }
  });
  return order.filter((k) => !struck.has(k)).slice(0, limit);
}

const cases = boxes(16, 0, 12).chain((list) =>
  fc.record({
    list: fc.constant(list),
    scores: fc.array(
      fc.integer({ min: 0, max: 6 }).map((k) => k / 8),
      { minLength: list.shape[0]!, maxLength: list.shape[0]! },
    ),
    options: fc.record(
      {
        threshold: fc.constantFrom(0, 0.25, 0.5, 0.75, 1),
        convention: fc.constantFrom('inclusive' as const, 'plain' as const),
        ties: fc.constantFrom('lower' as const, 'higher' as const),
        candidates: fc.integer({ min: 0, max: 12 }),
        limit: fc.integer({ min: 0, max: 12 }),
      },
      { requiredKeys: ['threshold'] },
    ),
  }),
);

describe('nonMaximumSuppression', () => {
  test('keeps what the textbook algorithm keeps, in either precision', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom('float32' as const, 'float64' as const), (drawn, dtype) => {
        const { list, scores, options } = drawn;
        expect(nonMaximumSuppression(cast(list, dtype), scores, options)).toEqual(
          byTheBook(list, scores, options),
        );
      }),
      { numRuns: 500 },
    );
  });

  const pairAtThreeTenths = [0, 0, 12, 9, 7, 0, 19, 9]; // intersection 60, union 200

  test.each(['float32', 'float64'] as const)(
    'keeps a box whose overlap equals the threshold, in %s',
    (dtype) => {
      const list = tensor([2, 4], pairAtThreeTenths, dtype);
      expect(nonMaximumSuppression(list, [0.9, 0.8], { threshold: 0.3 })).toEqual([0, 1]);
      expect(nonMaximumSuppression(list, [0.9, 0.8], { threshold: 0.29 })).toEqual([0]);
    },
  );

  test('compares overlap and threshold in the precision of the boxes', () => {
    const third = [0, 0, 9, 9, 5, 0, 14, 9]; // intersection 50, union 150
    const threshold = 0.33333333; // less than a third; in float32 the same number
    const kept = (dtype: 'float32' | 'float64'): number[] =>
      nonMaximumSuppression(tensor([2, 4], third, dtype), [2, 1], { threshold });
    expect([kept('float32'), kept('float64')]).toEqual([[0, 1], [0]]);
  });

  test('counts the last pixel in the inclusive convention and not in the plain one', () => {
    const list = tensor([2, 4], [0, 0, 1, 1, 0, 0, 1, 2]); // 4/6 inclusive, 1/2 plain
    const threshold = 0.6;
    expect(nonMaximumSuppression(list, [2, 1], { threshold })).toEqual([0]);
    expect(nonMaximumSuppression(list, [2, 1], { threshold, convention: 'plain' })).toEqual([0, 1]);
  });

  test('lets the tie rule decide between equal scores', () => {
    const twice = tensor([2, 4], [0, 0, 9, 9, 0, 0, 9, 9]);
    expect(nonMaximumSuppression(twice, [1, 1], { threshold: 0.5 })).toEqual([0]);
    expect(nonMaximumSuppression(twice, [1, 1], { threshold: 0.5, ties: 'higher' })).toEqual([1]);
  });

  test('keeps a box with NaN, which overlaps nothing', () => {
    const list = tensor([2, 4], [NaN, 0, 9, 9, 0, 0, 9, 9]);
    expect(nonMaximumSuppression(list, [1, 2], { threshold: 0 })).toEqual([1, 0]);
  });

  test('takes no boxes at all', () => {
    expect(nonMaximumSuppression(zeros([0, 4]), [], { threshold: 0.5 })).toEqual([]);
  });

  test.each<[string, Tensor, number[], SuppressionOptions, string]>([
    ['fewer scores than boxes', zeros([2, 4]), [1], { threshold: 0.5 }, 'got boxes 2x4, 1 scores, expected'],
    ['rows of five', zeros([1, 5]), [1], { threshold: 0.5 }, 'got boxes 1x5'],
    ['a threshold in percent', zeros([1, 4]), [1], { threshold: 30 }, 'threshold is 30, expected an overlap'],
    ['a negative limit', zeros([1, 4]), [1], { threshold: 0.5, limit: -1 }, 'limit is -1, expected a whole'],
  ])('refuses %s', (_, list, scores, options, message) => {
    expect(() => nonMaximumSuppression(list, scores, options)).toThrow(message);
  });
});
