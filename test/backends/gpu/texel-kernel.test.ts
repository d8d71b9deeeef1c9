import fc from 'fast-check';
import { expect, test } from 'vitest';
import { workgroupFor } from '../../../src/backends/gpu/texel-kernel.ts';

const covered = (output: readonly number[], group: readonly number[]): number =>
  output.reduce((total, size, axis) => total * Math.ceil(size / group[axis]!) * group[axis]!, 1);

test('a group has 64 invocations and wastes no more of them than squares of 8', () => {
  const size = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(fc.tuple(size, size, size), (output) => {
      const group = workgroupFor(output);
      expect(group.reduce((product, side) => product * side, 1)).toBe(64);
      expect(covered(output, group)).toBeLessThanOrEqual(covered(output, [8, 8, 1]));
    }),
  );
});

test('a narrow map is covered without waste', () => {
  expect(covered([4, 18, 16], workgroupFor([4, 18, 16]))).toBe(4 * 18 * 16);
  expect(covered([1, 1, 64], workgroupFor([1, 1, 64]))).toBe(64);
});

test('a flat result is covered by flat groups', () => {
  expect(workgroupFor([1000])).toEqual([64, 1, 1]);
});
