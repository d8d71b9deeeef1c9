/**
 * elementwiseAdd: sum of two tensors of one shape.
 *
 * Formula  out[i] = lhs[i] + rhs[i]
 * Source   MXNet elemwise_add, which unlike broadcast_add refuses to repeat axes.
 */
import { add, combine } from './arithmetic.ts';
import { checkShape } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const elementwiseAddOperator: Operator<readonly ['lhs', 'rhs']> = {
  name: 'elementwiseAdd',
  inputs: ['lhs', 'rhs'],
  outputs: ['output'],
  defaults: {},

  shape([lhs, rhs]) {
    checkShape('elementwiseAdd', 'rhs', rhs, lhs, 'broadcastAdd repeats axes of size 1');
    return [lhs];
  },

  forward([out], [lhs, rhs]) {
    combine(add, out, lhs, rhs);
  },

  gradient: ([head]) => [() => head, () => head],
};

/**
 * lhs + rhs, element by element.
 *
 * @throws ShapeError when the shapes differ
 */
export function elementwiseAdd<V extends Value>(lhs: V, rhs: V): V {
  return apply(elementwiseAddOperator, [lhs, rhs], {})[0];
}
