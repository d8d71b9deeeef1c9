import fc from 'fast-check';
import { expect, test } from 'vitest';
import { naturalOrder } from '../../src/data/index.ts';

test('numbers inside names are compared as numbers', () => {
  const names = ['frame10.jpg', 'frame9.jpg', 'frame9b.jpg', 'a2c10', 'a2c9', 'frame010.jpg', 'frame', ''];
  expect(names.toSorted(naturalOrder)).toEqual([
    '',
    'a2c9',
    'a2c10',
    'frame',
    'frame9.jpg',
    'frame9b.jpg',
    'frame10.jpg',
    'frame010.jpg',
  ]);
});

test('numbers longer than any number type are still compared', () => {
  expect(naturalOrder('90071992547409931', '90071992547409930')).toBeGreaterThan(0);
});

const names = fc.string({ unit: fc.constantFrom('0', '1', '9', 'a', 'b', '.'), maxLength: 8 });

test('the order is total: equal only when identical, opposite when swapped, transitive', () => {
  fc.assert(
    fc.property(names, names, names, (a, b, c) => {
      expect(Math.sign(naturalOrder(a, b)) + Math.sign(naturalOrder(b, a))).toBe(0);
      expect(naturalOrder(a, b) === 0).toBe(a === b);
      if (naturalOrder(a, b) < 0 && naturalOrder(b, c) < 0) expect(naturalOrder(a, c)).toBeLessThan(0);
    }),
    { numRuns: 2000 },
  );
});
