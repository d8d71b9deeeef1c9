/**
 * elementwiseMul: product of two tensors of one shape.
 *
 * Formula  out[i] = lhs[i] · rhs[i]
 * Source   MXNet elemwise_mul, which unlike broadcast_mul refuses to repeat axes.
 */
import { combine, multiply } from './arithmetic.ts';
import { checkShape } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const elementwiseMulOperator: Operator<readonly ['lhs', 'rhs']> = {
  name: 'elementwiseMul',
  inputs: ['lhs', 'rhs'],
  outputs: ['output'],
  defaults: {},

  shape([lhs, rhs]) {
    checkShape('elementwiseMul', 'rhs', rhs, lhs, 'broadcastMul repeats axes of size 1');
    return [lhs];
  },

  forward([out], [lhs, rhs]) {
    combine(multiply, out, lhs, rhs);
  },

  gradient: ([head], [lhs, rhs]) => [() => elementwiseMul(head, rhs), () => elementwiseMul(head, lhs)],
};

/**
 * lhs · rhs, element by element.
 *
 * @throws ShapeError when the shapes differ
 */
export function elementwiseMul<V extends Value>(lhs: V, rhs: V): V {
  return apply(elementwiseMulOperator, [lhs, rhs], {})[0];
}
