import fc from 'fast-check';
import { expect, test } from 'vitest';
import { descendingOrder } from '../../src/ops/index.ts';

const scores = fc.array(
  fc.oneof(fc.constantFrom(0, -0, 1, -1, Infinity, -Infinity), fc.double({ noNaN: true })),
);

test('the order falls, and equal scores keep or reverse the order of their indices', () => {
  fc.assert(
    fc.property(scores, fc.constantFrom('lower' as const, 'higher' as const), (list, ties) => {
      const order = [...descendingOrder(list, ties)];
      expect(order.toSorted((a, b) => a - b)).toEqual([...list.keys()]);
      for (let i = 1; i < order.length; i++) {
        const [a, b] = [order[i - 1]!, order[i]!];
        expect(list[a]! > list[b]! || (list[a] === list[b] && (ties === 'lower' ? a < b : a > b))).toBe(true);
      }
    }),
  );
});

test('NaN ranks first, as in a reversed NumPy argsort', () => {
  expect([...descendingOrder([1, NaN, 2], 'higher')]).toEqual([1, 2, 0]);
});
