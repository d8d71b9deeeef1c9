/**
 * sqrt: the square root.
 *
 * Formula  out = √x
 * Source   MXNet sqrt.
 * Zero     Stays 0, with an infinite slope; negative values give NaN.
 */
import { broadcastDiv } from './broadcast-div.ts';
import { mulScalar } from './mul-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const sqrtOperator: Operator<readonly ['data']> = {
  name: 'sqrt',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data]) => [data],

  forward([out], [data]) {
    for (let i = 0; i < out.data.length; i++) out.data[i] = Math.sqrt(data.data[i]!);
  },

  gradient: ([head], _, [out]) => [() => broadcastDiv(mulScalar(head, 0.5), out)],
};

/** Square root, element by element, on any shape. */
export function sqrt<V extends Value>(data: V): V {
  return apply(sqrtOperator, [data], {})[0];
}
