/**
 * minusScalar: subtract a number from every element.
 *
 * Formula  out = x − scalar
 * Source   MXNet _minus_scalar. The scalar is rounded to the dtype of the data first.
 */
import { combine, scalarBeside, subtract } from './arithmetic.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { type ScalarAttributes, scalarShape } from './scalar.ts';

export const minusScalarOperator: Operator<readonly ['data'], ScalarAttributes> = {
  name: 'minusScalar',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data], { scalar }) => scalarShape('minusScalar', data, scalar),

  forward([out], [data], { scalar }) {
    combine(subtract, out, data, scalarBeside(data, scalar));
  },

  gradient: ([head]) => [() => head],
};

/**
 * data − scalar, element by element, on any shape.
 *
 * @example minusScalar(x, 0.5)
 */
export function minusScalar<V extends Value>(data: V, scalar: number): V {
  return apply(minusScalarOperator, [data], { scalar })[0];
}
