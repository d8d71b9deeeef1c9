/**
 * relu: negative values become zero.
 *
 * Formula  out = x where x > 0, else 0
 * Source   MXNet Activation(relu).
 * Kinks    0, where the slope is that of the negative side: 0.
 * NaN      Stays NaN, as in MXNet 1.9.1 (measured), so that a broken layer shows; no gradient passes there.
 */
import { elementwiseMul } from './elementwise-mul.ts';
import { heaviside } from './heaviside.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const reluOperator: Operator<readonly ['data']> = {
  name: 'relu',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data]) => [data],

  forward([out], [data]) {
    for (let i = 0; i < out.data.length; i++) {
      const x = data.data[i]!;
      out.data[i] = x <= 0 ? 0 : x;
    }
  },

  gradient: ([head], _, [out]) => [() => elementwiseMul(head, heaviside(out))],
};

/** max(x, 0), element by element, on any shape. */
export function relu<V extends Value>(data: V): V {
  return apply(reluOperator, [data], {})[0];
}
