import { describe, expect, test } from 'vitest';
import { mulScalar, mulScalarOperator } from '../../src/ops/index.ts';
import { elementwise, scalars, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';

checkOp(mulScalarOperator, unaryCases(scalars), {
  oracle: (inputs, { scalar: s }) => elementwise((x) => x * s)(inputs),
});

describe('mulScalar', () => {
  test('combines every element with the scalar', () => {
    expect([...mulScalar(tensor([3], [1, 2, -8]), 4).data]).toEqual([4, 8, -32]);
  });

  test('rounds the scalar to the dtype of the data', () => {
    expect([...mulScalar(tensor([1], Float32Array.of(1e8)), 0.1).data]).toEqual([
      Math.fround(1e8 * Math.fround(0.1)),
    ]);
    expect([...mulScalar(tensor([1], Float64Array.of(1e8)), 0.1).data]).toEqual([1e7]);
  });

  test.each([NaN, Infinity])('refuses the scalar %s', (scalar) => {
    expect(() => mulScalar(tensor([1], [1]), scalar)).toThrow(
      `mulScalar: scalar is ${scalar}, expected a finite number`,
    );
  });
});
