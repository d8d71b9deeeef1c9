/**
 * softmax: values along an axis become positive shares that sum to 1.
 *
 * Formula  out[…, k, …] = exp(x_k / t) / Σ_j exp(x_j / t) along the axis, t the temperature
 *          Evaluated after subtracting the largest x, so that nothing overflows.
 * Source   MXNet softmax.
 * NaN      NaN or +∞ makes its whole line along the axis NaN; −∞ gets the share 0, a line of nothing else is NaN.
 */
import { checkAxis, checkPositive } from './checks.ts';
import { divScalar } from './div-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { softmaxAlong, softmaxGradient } from './softmax-along.ts';

export interface SoftmaxAttributes {
  /** The axis that sums to 1. Negative counts from the back. Default −1, the last. */
  readonly axis?: number;
  /** Values are divided by it: above 1 evens the shares out, below 1 sharpens them. Default 1. */
  readonly temperature?: number;
}

export const softmaxOperator: Operator<readonly ['data'], SoftmaxAttributes> = {
  name: 'softmax',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { axis: -1, temperature: 1 },

  shape([data], { axis, temperature }) {
    checkAxis('softmax', axis, data.length);
    checkPositive('softmax', 'temperature', temperature);
    return [data];
  },

  forward([out], [data], { axis, temperature }) {
    softmaxAlong(out, data, checkAxis('softmax', axis, data.shape.length), temperature);
  },

  gradient: ([head], _inputs, [output], { axis, temperature }) => [
    () => {
      const gradient = softmaxGradient(head, output, axis);
      return temperature === 1 ? gradient : divScalar(gradient, temperature);
    },
  ],
};

/**
 * Softmax along an axis of a tensor of any rank.
 *
 * @throws ShapeError when there is no such axis, or the temperature is not above 0
 * @example softmax(scores, { axis: 1 }) // class probabilities of score maps (N, C, H, W)
 */
export function softmax<V extends Value>(data: V, attributes: SoftmaxAttributes = {}): V {
  return apply(softmaxOperator, [data], attributes)[0];
}
