/**
 * heaviside: 1 for positive values, 0 for all others: the slope of relu.
 *
 * Formula  out = 1 where x > 0, else 0
 * Gradient None is passed on: the step is flat on both sides.
 * Kinks    0, which counts as the negative side.
 * NaN      Becomes 0: NaN > 0 is false.
 */
import { apply, type Operator, type Value } from './operator.ts';

export const heavisideOperator: Operator<readonly ['data']> = {
  name: 'heaviside',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data]) => [data],

  forward([out], [data]) {
    for (let i = 0; i < out.data.length; i++) out.data[i] = data.data[i]! > 0 ? 1 : 0;
  },

  gradient: () => [null],
};

/**
 * 1 where the data is positive, 0 elsewhere, on any shape.
 *
 * @example elementwiseMul(head, heaviside(x)) // the gradient of relu(x)
 */
export function heaviside<V extends Value>(data: V): V {
  return apply(heavisideOperator, [data], {})[0];
}
