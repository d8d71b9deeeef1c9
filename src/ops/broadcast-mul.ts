/**
 * broadcastMul: product of two tensors, where axes of size 1 repeat.
 *
 * Formula  out[i, j, …] = lhs[i or 0, j or 0, …] · rhs[i or 0, j or 0, …], with 0 on axes of size 1
 * Source   MXNet broadcast_mul; Deep Feature Flow scales the warped feature with it (equation 3).
 */
import { combine, multiply } from './arithmetic.ts';
import { broadcastShape, sumTo } from './broadcast.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const broadcastMulOperator: Operator<readonly ['lhs', 'rhs']> = {
  name: 'broadcastMul',
  inputs: ['lhs', 'rhs'],
  outputs: ['output'],
  defaults: {},

  shape: ([lhs, rhs]) => [broadcastShape('broadcastMul', lhs, rhs)],

  forward([out], [lhs, rhs]) {
    combine(multiply, out, lhs, rhs);
  },

  gradient: ([head], [lhs, rhs]) => [
    () => sumTo(broadcastMul(head, rhs), lhs.shape),
    () => sumTo(broadcastMul(head, lhs), rhs.shape),
  ],
};

/**
 * lhs · rhs, element by element; axes of size 1 of either side repeat.
 *
 * @throws ShapeError when the ranks differ, or an axis has two sizes of which neither is 1
 * @example broadcastMul(feature, scale)
 */
export function broadcastMul<V extends Value>(lhs: V, rhs: V): V {
  return apply(broadcastMulOperator, [lhs, rhs], {})[0];
}
