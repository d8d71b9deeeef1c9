import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { log, logOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(logOperator, unaryCases(fc.constant({}), { min: 0.01, max: 50 }), {
  oracle: elementwise((x) => (x === Infinity ? x : 2 * Math.atanh((x - 1) / (x + 1)))),
});

describe('log', () => {
  test('is 0 at one, −∞ at zero and NaN below', () => {
    expect([...log(tensor([4], [1, 0, -1, Infinity])).data]).toEqual([0, -Infinity, NaN, Infinity]);
  });
});
