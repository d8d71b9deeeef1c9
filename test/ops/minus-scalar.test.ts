import { describe, expect, test } from 'vitest';
import { minusScalar, minusScalarOperator } from '../../src/ops/index.ts';
import { elementwise, scalars, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(minusScalarOperator, unaryCases(scalars), {
  oracle: (inputs, { scalar: s }) => elementwise((x) => x - s)(inputs),
});

describe('minusScalar', () => {
  test('combines every element with the scalar', () => {
    expect([...minusScalar(tensor([3], [1, 2, -8]), 4).data]).toEqual([-3, -2, -12]);
  });

  test.each([NaN, Infinity])('refuses the scalar %s', (scalar) => {
    expect(() => minusScalar(tensor([1], [1]), scalar)).toThrow(
      `minusScalar: scalar is ${scalar}, expected a finite number`,
    );
  });
});
