import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  sgdMomentumUpdate,
  type SgdMomentumUpdateAttributes,
  sgdMomentumUpdateOperator,
} from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, sizes, values } from '../../src/testing/index.ts';

const cases: fc.Arbitrary<OperatorCase<SgdMomentumUpdateAttributes>> = fc
  .oneof(sizes(6), sizes(3, 4), sizes(2, 2, 3, 3))
  .chain((shape) =>
    fc.record({
      inputs: fc.tuple(values(shape), values(shape), values(shape)),
      attributes: fc.record(
        {
          learningRate: fc.constantFrom(0.1, 0.00025, 1),
          momentum: fc.constantFrom(0.9, 0.5),
          weightDecay: fc.constantFrom(0.0005, 0.25),
          rescaleGrad: fc.constantFrom(4, 0.125),
          clipGradient: fc.constantFrom(null, 1, 0.5),
        },
        { requiredKeys: ['learningRate'] },
      ),
    }),
  );

checkOp(sgdMomentumUpdateOperator, cases, {
  // As a regularised gradient: the decay joins the clipped gradient before the learning rate.
  oracle: ([weight, grad, mom], { learningRate, momentum, weightDecay, rescaleGrad, clipGradient }) => {
    const step = (...index: number[]): number => {
      const scaled = rescaleGrad * at(grad!, ...index);
      const size = clipGradient === null ? Math.abs(scaled) : Math.min(Math.abs(scaled), clipGradient);
      const slope = Math.sign(scaled) * size + weightDecay * at(weight!, ...index);
      return momentum * at(mom!, ...index) - learningRate * slope;
    };
    return [build(weight!.shape, (...i) => at(weight!, ...i) + step(...i)), build(weight!.shape, step)];
  },
});

describe('sgdMomentumUpdate', () => {
  const vector = (...list: number[]) => tensor([list.length], Float64Array.from(list));

  test('a step without momentum goes down the gradient', () => {
    const { weight, momentum } = sgdMomentumUpdate(vector(1), vector(2), vector(0), { learningRate: 0.25 });
    expect([weight.data[0], momentum.data[0]]).toEqual([0.5, -0.5]);
  });

  test('the rescaled gradient is clipped, the decay is not', () => {
    const attributes = { learningRate: 1, rescaleGrad: 0.5, clipGradient: 1, weightDecay: 2 };
    const { momentum } = sgdMomentumUpdate(
      vector(0, 0, 0, 8),
      vector(4, -4, 1, 0),
      vector(0, 0, 0, 0),
      attributes,
    );
    expect([...momentum.data]).toEqual([-1, 1, -0.5, -16]);
  });

  test('two steps under a constant gradient: the second repeats the first and adds its own', () => {
    const attributes = { learningRate: 0.5, momentum: 0.5 };
    let state = { weight: vector(0), momentum: vector(0) };
    for (let k = 0; k < 2; k++)
      state = sgdMomentumUpdate(state.weight, vector(1), state.momentum, attributes);
    expect([state.weight.data[0], state.momentum.data[0]]).toEqual([-1.25, -0.75]);
  });

  test('NaN stays at its element, clipped or not', () => {
    const attributes = { learningRate: 1, clipGradient: 1 };
    expect([
      ...sgdMomentumUpdate(vector(1, 1), vector(NaN, 1), vector(0, 0), attributes).weight.data,
    ]).toEqual([NaN, 0]);
  });

  test.each([
    ['a gradient of another shape', [2], [3], {}, 'grad is 3, expected 2; the shape of the weight'],
    [
      'no learning rate',
      [2],
      [2],
      { learningRate: undefined },
      'learningRate is undefined, expected a finite number',
    ],
    ['a bound of 0', [2], [2], { clipGradient: 0 }, 'clipGradient is 0, expected a finite number above 0'],
    ['a momentum that is no number', [2], [2], { momentum: NaN }, 'momentum is NaN'],
  ])('refuses %s', (_, weight, grad, attributes, message) => {
    const complete = { ...sgdMomentumUpdateOperator.defaults, learningRate: 1, ...attributes };
    const all = complete as Required<SgdMomentumUpdateAttributes>;
    expect(() => sgdMomentumUpdateOperator.shape([weight, grad, weight], all)).toThrow(message);
  });
});
