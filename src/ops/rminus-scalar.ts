/**
 * rminusScalar: subtract every element from a number.
 *
 * Formula  out = scalar − x
 * Source   MXNet _rminus_scalar. The scalar is rounded to the dtype of the data first.
 */
import { combine, scalarBeside, subtract } from './arithmetic.ts';
import { mulScalar } from './mul-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { type ScalarAttributes, scalarShape } from './scalar.ts';

export const rminusScalarOperator: Operator<readonly ['data'], ScalarAttributes> = {
  name: 'rminusScalar',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data], { scalar }) => scalarShape('rminusScalar', data, scalar),

  forward([out], [data], { scalar }) {
    combine(subtract, out, scalarBeside(data, scalar), data);
  },

  gradient: ([head]) => [() => mulScalar(head, -1)],
};

/**
 * scalar − data, element by element, on any shape.
 *
 * @example rminusScalar(probability, 1) // of the opposite
 */
export function rminusScalar<V extends Value>(data: V, scalar: number): V {
  return apply(rminusScalarOperator, [data], { scalar })[0];
}
