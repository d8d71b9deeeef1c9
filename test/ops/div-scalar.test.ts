import { describe, expect, test } from 'vitest';
import { divScalar, divScalarOperator } from '../../src/ops/index.ts';
import { elementwise, scalars, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(divScalarOperator, unaryCases(scalars), {
  oracle: (inputs, { scalar: s }) => elementwise((x) => x / s)(inputs),
});

describe('divScalar', () => {
  test('combines every element with the scalar', () => {
    expect([...divScalar(tensor([3], [1, 2, -8]), 4).data]).toEqual([0.25, 0.5, -2]);
  });

  test('divides, which is not the same as multiplying by the reciprocal', () => {
    expect(49 * (1 / 49)).not.toBe(1);
    expect([...divScalar(tensor([1], Float64Array.of(49)), 49).data]).toEqual([1]);
  });

  test.each([NaN, Infinity])('refuses the scalar %s', (scalar) => {
    expect(() => divScalar(tensor([1], [1]), scalar)).toThrow(
      `divScalar: scalar is ${scalar}, expected a finite number`,
    );
  });
});
