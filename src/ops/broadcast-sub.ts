/**
 * broadcastSub: difference of two tensors, where axes of size 1 repeat.
 *
 * Formula  out[i, j, …] = lhs[i or 0, j or 0, …] − rhs[i or 0, j or 0, …], with 0 on axes of size 1
 * Source   MXNet broadcast_sub; takes the channel means off an image.
 */
import { combine, subtract } from './arithmetic.ts';
import { broadcastShape, sumTo } from './broadcast.ts';
import { mulScalar } from './mul-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const broadcastSubOperator: Operator<readonly ['lhs', 'rhs']> = {
  name: 'broadcastSub',
  inputs: ['lhs', 'rhs'],
  outputs: ['output'],
  defaults: {},

  shape: ([lhs, rhs]) => [broadcastShape('broadcastSub', lhs, rhs)],

  forward([out], [lhs, rhs]) {
    combine(subtract, out, lhs, rhs);
  },

  gradient: ([head], [lhs, rhs]) => [
    () => sumTo(head, lhs.shape),
    () => mulScalar(sumTo(head, rhs.shape), -1),
  ],
};

/**
 * lhs − rhs, element by element; axes of size 1 of either side repeat.
 *
 * @throws ShapeError when the ranks differ, or an axis has two sizes of which neither is 1
 * @example broadcastSub(image, means) // 1×3×H×W and 1×3×1×1
 */
export function broadcastSub<V extends Value>(lhs: V, rhs: V): V {
  return apply(broadcastSubOperator, [lhs, rhs], {})[0];
}
