import { describe, expect, test } from 'vitest';
import { mean, meanOperator } from '../../src/ops/index.ts';
import { checkOp, tensor } from './kit.ts';
import { gather, reductionCases } from './reduction-cases.ts';

/** Corrects a running average, one value at a time. */
const average = (group: readonly number[]): number => group.reduce((m, x, k) => m + (x - m) / (k + 1), 0);

checkOp(meanOperator, reductionCases, { oracle: ([data], attributes) => gather(data!, attributes, average) });

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
