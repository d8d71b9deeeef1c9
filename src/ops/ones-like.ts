/**
 * onesLike: ones in the shape of a value: where a backward pass starts.
 *
 * NaN      Of the data does not matter: its numbers are not read.
 */
import { apply, type Operator, type Value } from './operator.ts';

export const onesLikeOperator: Operator<readonly ['data']> = {
  name: 'onesLike',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},
  shape: ([data]) => [data],
  forward([out]) {
    out.data.fill(1);
  },
  gradient: () => [null],
};

/** Ones in the shape of `data`. */
export function onesLike<V extends Value>(data: V): V {
  return apply(onesLikeOperator, [data], {})[0];
}
