import { describe, expect, test } from 'vitest';
import { rdivScalar, rdivScalarOperator } from '../../src/ops/index.ts';
import { elementwise, scalars, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

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

  test('has a gradient in float32 where the square of the data would vanish', () => {
    const [gradient] = gradientsOf(rdivScalarOperator, [tensor([1], [1e-25])], [tensor([1], [1])], {
      scalar: 1e-20,
    });
    expect(gradient!.data[0]! * 1e-30).toBeCloseTo(-1, 5);
  });
});
