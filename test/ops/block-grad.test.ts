import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockGrad, blockGradOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

checkOp(blockGradOperator, unaryCases(fc.constant({})), {
  oracle: elementwise((x) => x),
  tolerance: { float32: 0, float64: 0 },
  skip: { gradient: 'stops it by definition' },
});

describe('blockGrad', () => {
  test('is a copy with memory of its own', () => {
    const data = tensor([2], [1, NaN]);
    const copy = blockGrad(data);
    expect([...copy.data]).toEqual([1, NaN]);
    expect(copy.data.buffer).not.toBe(data.data.buffer);
  });

  test('passes no gradient', () => {
    expect(gradientsOf(blockGradOperator, [tensor([1], [2])], [tensor([1], [3])])).toEqual([null]);
  });
});
