import { describe, expect, test } from 'vitest';
import { rminusScalar, rminusScalarOperator } from '../../src/ops/index.ts';
import { elementwise, scalars, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(rminusScalarOperator, unaryCases(scalars), {
  oracle: (inputs, { scalar: s }) => elementwise((x) => s - x)(inputs),
});

describe('rminusScalar', () => {
  test('combines every element with the scalar', () => {
    expect([...rminusScalar(tensor([3], [1, 2, -8]), 4).data]).toEqual([3, 2, 12]);
  });

  test.each([NaN, Infinity])('refuses the scalar %s', (scalar) => {
    expect(() => rminusScalar(tensor([1], [1]), scalar)).toThrow(
      `rminusScalar: scalar is ${scalar}, expected a finite number`,
    );
  });
});
