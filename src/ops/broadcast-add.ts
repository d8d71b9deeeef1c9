/**
 * broadcastAdd: sum of two tensors, where axes of size 1 repeat.
 *
 * Formula  out[i, j, …] = lhs[i or 0, j or 0, …] + rhs[i or 0, j or 0, …], with 0 on axes of size 1
 * Source   MXNet broadcast_add; joins the two branches of a residual unit.
 */
import { add, combine } from './arithmetic.ts';
import { broadcastShape, sumTo } from './broadcast.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const broadcastAddOperator: Operator<readonly ['lhs', 'rhs']> = {
  name: 'broadcastAdd',
  inputs: ['lhs', 'rhs'],
  outputs: ['output'],
  defaults: {},

  shape: ([lhs, rhs]) => [broadcastShape('broadcastAdd', lhs, rhs)],

  forward([out], [lhs, rhs]) {
    combine(add, out, lhs, rhs);
  },

  gradient: ([head], [lhs, rhs]) => [() => sumTo(head, lhs.shape), () => sumTo(head, rhs.shape)],
};

/**
 * lhs + rhs, element by element; axes of size 1 of either side repeat.
 *
 * @throws ShapeError when the ranks differ, or an axis has two sizes of which neither is 1
 * @example broadcastAdd(shortcut, branch)
 */
export function broadcastAdd<V extends Value>(lhs: V, rhs: V): V {
  return apply(broadcastAddOperator, [lhs, rhs], {})[0];
}
