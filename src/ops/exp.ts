/**
 * exp: the exponential function.
 *
 * Formula  out = e^x
 * Source   MXNet exp.
 * Far      Overflows to Infinity: above 88.7 in float32, above 709.7 in float64.
 */
import { elementwiseMul } from './elementwise-mul.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const expOperator: Operator<readonly ['data']> = {
  name: 'exp',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data]) => [data],

  forward([out], [data]) {
    for (let i = 0; i < out.data.length; i++) out.data[i] = Math.exp(data.data[i]!);
  },

  gradient: ([head], _, [out]) => [() => elementwiseMul(head, out)],
};

/** e to the power of the data, element by element, on any shape. */
export function exp<V extends Value>(data: V): V {
  return apply(expOperator, [data], {})[0];
}
