/**
 * zerosLike: zeros in the shape of a value: the gradient of an output that a loss does not depend on.
 *
 * NaN      Of the data does not matter: its numbers are not read.
 */
import { apply, type Operator, type Value } from './operator.ts';

export const zerosLikeOperator: Operator<readonly ['data']> = {
  name: 'zerosLike',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},
  shape: ([data]) => [data],
  forward() {}, // outputs come filled with zeros
  gradient: () => [null],
};

/** Zeros in the shape of `data`. */
export function zerosLike<V extends Value>(data: V): V {
  return apply(zerosLikeOperator, [data], {})[0];
}
