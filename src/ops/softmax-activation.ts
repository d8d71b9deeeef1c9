/**
 * softmaxActivation: class scores become class probabilities.
 *
 * Formula  out = exp(x_k) / Σ_j exp(x_j) over axis 1
 * Source   MXNet SoftmaxActivation. Deep Feature Flow: mode `channel` for the object scores (1, 2, 9H, W) of the region
 *          proposal network, mode `instance` for the class scores (R, 31) of the regions.
 * Quirk    For more than two axes, MXNet's mode `instance` takes the last axis forward and axis 1 backward; that is no
 *          function with a gradient, so it is refused here.
 * NaN      NaN or +∞ makes all classes at its position NaN; −∞ gets the share 0.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import { checkChoice } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { softmaxAlong, softmaxGradient } from './softmax-along.ts';

export interface SoftmaxActivationAttributes {
  /** `instance`: over the second of two axes. `channel`: over axis 1 at every position. Default `instance`. */
  readonly mode?: 'instance' | 'channel';
}

export const softmaxActivationOperator: Operator<readonly ['data'], SoftmaxActivationAttributes> = {
  name: 'softmaxActivation',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { mode: 'instance' },

  shape([data], { mode }) {
    checkChoice('softmaxActivation', 'mode', mode, ['instance', 'channel']);
    if (mode === 'instance' && data.length !== 2) {
      const hint = 'use mode channel, or softmax with an axis';
      throw new ShapeError(
        `softmaxActivation: data is ${formatShape(data)}, mode instance expects two axes (rows, classes); ${hint}`,
      );
    }
    if (data.length < 2) {
      throw new ShapeError(
        `softmaxActivation: data is ${formatShape(data)}, mode channel expects at least two axes (batch, classes)`,
      );
    }
    return [data];
  },

  forward([out], [data]) {
    softmaxAlong(out, data, 1);
  },

  gradient: ([head], _inputs, [output]) => [() => softmaxGradient(head, output, 1)],
};

/**
 * Softmax over axis 1: of rows (R, K) in mode `instance`, at every position of (N, K, …) in mode `channel`.
 *
 * @throws ShapeError when mode `instance` is given other than two axes
 * @example softmaxActivation(rpnScores, { mode: 'channel' })
 */
export function softmaxActivation<V extends Value>(data: V, attributes: SoftmaxActivationAttributes = {}): V {
  return apply(softmaxActivationOperator, [data], attributes)[0];
}
