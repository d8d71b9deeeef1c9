import { describe, expect, test } from 'vitest';
import { mean, meanOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';
import { gather, reductionCases } from './reduction-cases.ts';

/** Adds up what each value contributes; nothing has no mean. */
const average = (group: readonly number[]): number =>
  group.length === 0 ? NaN : group.reduce((sum, x) => sum + x / group.length, 0);

checkOp(meanOperator, reductionCases, {
  oracle: ([data], attributes) => gather(data!, attributes, average),
});

describe('mean', () => {
  test('of each channel', () => {
    const data = tensor([1, 2, 1, 2], [1, 2, 5, 9]);
    const channels = mean(data, { axes: [2, 3] });
    expect(channels.shape).toEqual([1, 2]);
    expect([...channels.data]).toEqual([1.5, 7]);
  });

  test('of nothing is NaN', () => {
    expect([...mean(tensor([0], [])).data]).toEqual([NaN]);
  });

  test('refuses an axis that does not exist', () => {
    expect(() => mean(tensor([1], [1]), { axes: [1] })).toThrow('mean: axis is 1, expected');
  });
});
