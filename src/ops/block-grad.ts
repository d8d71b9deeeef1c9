/**
 * blockGrad: the data as it is, but nothing is learned through it.
 *
 * Formula  out = x, with a gradient of 0 by definition
 * Source   MXNet BlockGrad; keeps proposals and labels out of the training of Deep Feature Flow.
 */
import { apply, type Operator, type Value } from './operator.ts';

export const blockGradOperator: Operator<readonly ['data']> = {
  name: 'blockGrad',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data]) => [data],

  forward([out], [data]) {
    out.data.set(data.data);
  },

  gradient: () => [null],
};

/** A copy of the data that stops gradients, on any shape. */
export function blockGrad<V extends Value>(data: V): V {
  return apply(blockGradOperator, [data], {})[0];
}
