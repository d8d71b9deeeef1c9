/**
 * broadcastDiv: quotient of two tensors, where axes of size 1 repeat.
 *
 * Formula  out[i, j, …] = lhs[i or 0, j or 0, …] / rhs[i or 0, j or 0, …], with 0 on axes of size 1
 * Source   MXNet broadcast_div.
 * Zero     A divisor of 0 gives ±Infinity, and 0 / 0 gives NaN.
 */
import { combine, divide } from './arithmetic.ts';
import { broadcastShape, sumTo } from './broadcast.ts';
import { elementwiseMul } from './elementwise-mul.ts';
import { mulScalar } from './mul-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const broadcastDivOperator: Operator<readonly ['lhs', 'rhs']> = {
  name: 'broadcastDiv',
  inputs: ['lhs', 'rhs'],
  outputs: ['output'],
  defaults: {},

  shape: ([lhs, rhs]) => [broadcastShape('broadcastDiv', lhs, rhs)],

  forward([out], [lhs, rhs]) {
    combine(divide, out, lhs, rhs);
  },

  // In the divisor −lhs / rhs² as −out / rhs, which does not overflow on the way.
  gradient: ([head], [lhs, rhs], [out]) => [
    () => sumTo(broadcastDiv(head, rhs), lhs.shape),
    () => mulScalar(sumTo(elementwiseMul(head, broadcastDiv(out, rhs)), rhs.shape), -1),
  ],
};

/**
 * lhs / rhs, element by element; axes of size 1 of either side repeat.
 *
 * @throws ShapeError when the ranks differ, or an axis has two sizes of which neither is 1
 * @example broadcastDiv(image, deviations) // 1×3×H×W and 1×3×1×1
 */
export function broadcastDiv<V extends Value>(lhs: V, rhs: V): V {
  return apply(broadcastDivOperator, [lhs, rhs], {})[0];
}
