import { describe, expect, test } from 'vitest';
import { plusScalar, plusScalarOperator } from '../../src/ops/index.ts';
import { elementwise, scalars, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(plusScalarOperator, unaryCases(scalars), {
  oracle: (inputs, { scalar: s }) => elementwise((x) => x + s)(inputs),
});

describe('plusScalar', () => {
  test('combines every element with the scalar', () => {
    expect([...plusScalar(tensor([3], [1, 2, -8]), 4).data]).toEqual([5, 6, -4]);
  });

  test.each([NaN, Infinity])('refuses the scalar %s', (scalar) => {
    expect(() => plusScalar(tensor([1], [1]), scalar)).toThrow(
      `plusScalar: scalar is ${scalar}, expected a finite number`,
    );
  });
});
