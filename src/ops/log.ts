/**
 * log: the natural logarithm.
 *
 * Formula  out = ln x
 * Source   MXNet log.
 * Zero     Gives −Infinity; negative values give NaN.
 */
import { broadcastDiv } from './broadcast-div.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const logOperator: Operator<readonly ['data']> = {
  name: 'log',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data]) => [data],

  forward([out], [data]) {
    for (let i = 0; i < out.data.length; i++) out.data[i] = Math.log(data.data[i]!);
  },

  gradient: ([head], [data]) => [() => broadcastDiv(head, data)],
};

/** Natural logarithm, element by element, on any shape. */
export function log<V extends Value>(data: V): V {
  return apply(logOperator, [data], {})[0];
}
