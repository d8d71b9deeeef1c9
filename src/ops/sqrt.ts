/**
 * sqrt: the square root.
 *
 * Formula  out = √x
 * Source   MXNet sqrt.
 * Zero     Stays 0, with an infinite slope; negative values give NaN.
 */
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
};

/** Square root, element by element, on any shape. */
export function sqrt<V extends Value>(data: V): V {
  return apply(sqrtOperator, [data], {})[0];
}
