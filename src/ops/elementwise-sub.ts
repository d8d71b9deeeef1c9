/**
 * elementwiseSub: difference of two tensors of one shape.
 *
 * Formula  out[i] = lhs[i] − rhs[i]
 * Source   MXNet elemwise_sub, which unlike broadcast_sub refuses to repeat axes.
 */
import { combine, subtract } from './arithmetic.ts';
import { checkShape } from './checks.ts';
import { mulScalar } from './mul-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const elementwiseSubOperator: Operator<readonly ['lhs', 'rhs']> = {
  name: 'elementwiseSub',
  inputs: ['lhs', 'rhs'],
  outputs: ['output'],
  defaults: {},

  shape([lhs, rhs]) {
    checkShape('elementwiseSub', 'rhs', rhs, lhs, 'broadcastSub repeats axes of size 1');
    return [lhs];
  },

  forward([out], [lhs, rhs]) {
    combine(subtract, out, lhs, rhs);
  },

  gradient: ([head]) => [() => head, () => mulScalar(head, -1)],
};

/**
 * lhs − rhs, element by element.
 *
 * @throws ShapeError when the shapes differ
 */
export function elementwiseSub<V extends Value>(lhs: V, rhs: V): V {
  return apply(elementwiseSubOperator, [lhs, rhs], {})[0];
}
