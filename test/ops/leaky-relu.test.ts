import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leakyRelu, leakyReluOperator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

const slopes = fc.constantFrom({}, { slope: 0.1 }, { slope: 0 }, { slope: 1.5 }, { slope: -0.5 });

checkOp(leakyReluOperator, unaryCases(slopes), {
  // The two half-lines added up instead of a choice between them.
  oracle: (inputs, { slope }) => elementwise((x) => Math.max(0, x) + slope * Math.min(0, x))(inputs),
  gradient: { cases: unaryCases(slopes, { offInteger: 0.01 }) },
});

describe('leakyRelu', () => {
  test('scales negative values only, by a quarter unless told otherwise', () => {
    expect([...leakyRelu(tensor([3], [-4, 0, 4])).data]).toEqual([-1, 0, 4]);
    expect([...leakyRelu(tensor([3], [-4, 0, 4]), { slope: 0.5 }).data]).toEqual([-2, 0, 4]);
  });

  test('rounds the slope to float32 before it multiplies, for float32 data', () => {
    const x = Math.fround(-3.3);
    expect([...leakyRelu(tensor([1], [x]), { slope: 0.1 }).data]).toEqual([
      Math.fround(x * Math.fround(0.1)),
    ]);
    expect([...leakyRelu(tensor([1], [-3], 'float64'), { slope: 0.1 }).data]).toEqual([-3 * 0.1]);
  });

  test('counts 0 among the values that are scaled, which its sign shows', () => {
    expect([...leakyRelu(tensor([2], [0, -0]), { slope: -1 }).data]).toEqual([-0, 0]);
  });

  test('keeps NaN', () => {
    expect([...leakyRelu(tensor([1], [NaN])).data]).toEqual([NaN]);
  });

  test('refuses a slope that is no number', () => {
    expect(() => leakyRelu(tensor([1], [1]), { slope: NaN })).toThrow(
      'leakyRelu: slope is NaN, expected a finite number',
    );
  });

  test('passes the gradient whole where the data is positive, else exactly the slope of it', () => {
    const data = tensor([5], [-1, -0, 0, 1e-45, 2]);
    const head = tensor([5], [3, 3, 3, 3, 3]);
    const scaled = Math.fround(3 * Math.fround(0.1));
    const [gradient] = gradientsOf(leakyReluOperator, [data], [head], { slope: 0.1 });
    expect([...gradient!.data]).toEqual([scaled, scaled, scaled, 3, 3]);
  });
});
