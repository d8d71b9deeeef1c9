import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { smoothL1, type SmoothL1Attributes, smoothL1Operator } from '../../src/ops/index.ts';
import { elementwise, unaryCases } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { checkOp, gradientsOf } from '../../src/testing/index.ts';

const sigmas = fc.constantFrom<SmoothL1Attributes>({}, { sigma: 3 }, { sigma: 0.5 });

/** Values of σ² x off the whole numbers: central differences across a join would mix two curvatures. */
const betweenJoins = unaryCases(sigmas, { min: -3, max: 3, offInteger: 0.01 }).map(
  ({ inputs: [data], attributes }) => {
    const { sigma = 1 } = attributes;
    const scaled = data!.data.map((x: number) => x / sigma ** 2);
    return { inputs: [tensor(data!.shape, scaled)], attributes };
  },
);

checkOp(smoothL1Operator, unaryCases(sigmas), {
  // The largest of all tangents p · x − p² / (2 σ²) with slope |p| ≤ 1.
  oracle: (inputs, { sigma }) =>
    elementwise((x) => {
      const p = Math.max(-1, Math.min(1, sigma ** 2 * x));
      return p * x - p ** 2 / (2 * sigma ** 2);
    })(inputs),
  gradient: { cases: betweenJoins },
});

describe('smoothL1', () => {
  test('is half a square inside, a line outside, and both give a half where they meet', () => {
    const data = tensor([6], [0, 0.5, -1, 1, 3, -3]);
    expect([...smoothL1(data).data]).toEqual([0, 0.125, 0.5, 0.5, 2.5, 2.5]);
  });

  test('keeps NaN', () => {
    expect([...smoothL1(tensor([1], [NaN])).data]).toEqual([NaN]);
  });

  test.each([0, -1])('refuses sigma %s', (sigma) => {
    expect(() => smoothL1(tensor([1], [1]), { sigma })).toThrow(
      `smoothL1: sigma is ${sigma}, expected a number above 0`,
    );
  });

  test('has slope σ² x on the parabola, and ±1 from where it ends', () => {
    const data = tensor([7], [-9, -0.25, -0.125, 0, 0.125, 0.25, 9]);
    const head = tensor([7], [2, 2, 2, 2, 2, 2, 2]);
    const [gradient] = gradientsOf(smoothL1Operator, [data], [head], { sigma: 2 });
    expect([...gradient!.data]).toEqual([-2, -2, -1, 0, 1, 2, 2]);
  });
});
