/**
 * sigmoid: the logistic function.
 *
 * Formula  out = 1 / (1 + e^(−x))
 * Source   MXNet Activation(sigmoid).
 * Far      Saturates without overflow: −Infinity gives 0, Infinity gives 1.
 */
import { elementwiseMul } from './elementwise-mul.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { rminusScalar } from './rminus-scalar.ts';

export const sigmoidOperator: Operator<readonly ['data']> = {
  name: 'sigmoid',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data]) => [data],

  forward([out], [data]) {
    for (let i = 0; i < out.data.length; i++) out.data[i] = 1 / (1 + Math.exp(-data.data[i]!));
  },

  gradient: ([head], _, [out]) => [() => elementwiseMul(head, elementwiseMul(out, rminusScalar(out, 1)))],
};

/** 1 / (1 + exp(−data)), element by element, on any shape. */
export function sigmoid<V extends Value>(data: V): V {
  return apply(sigmoidOperator, [data], {})[0];
}
