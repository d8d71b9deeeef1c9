import { describe, expect, test } from 'vitest';
import { rdivScalar, rdivScalarOperator } from '../../src/ops/index.ts';
import { elementwise, scalars, unaryCases } from './arithmetic-cases.ts';
import { checkOp, tensor } from './kit.ts';

checkOp(rdivScalarOperator, unaryCases(scalars, { min: 0.25, max: 4 }), {
  oracle: (inputs, { scalar: s }) => elementwise((x) => s / x)(inputs),
});

describe('rdivScalar', () => {
  test('combines every element with the scalar', () => {
    expect([...rdivScalar(tensor([3], [1, 2, -8]), 4).data]).toEqual([4, 2, -0.5]);
  });

  test.each([NaN, Infinity])('refuses the scalar %s', (scalar) => {
    expect(() => rdivScalar(tensor([1], [1]), scalar)).toThrow(
      `rdivScalar: scalar is ${scalar}, expected a finite number`,
    );
  });
});
