/**
 * mulScalar: multiply every element by a number.
 *
 * Formula  out = x · scalar
 * Source   MXNet _mul_scalar. The scalar is rounded to the dtype of the data first.
 */
import { combine, multiply, scalarBeside } from './arithmetic.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { type ScalarAttributes, scalarShape } from './scalar.ts';

export const mulScalarOperator: Operator<readonly ['data'], ScalarAttributes> = {
  name: 'mulScalar',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data], { scalar }) => scalarShape('mulScalar', data, scalar),

  forward([out], [data], { scalar }) {
    combine(multiply, out, data, scalarBeside(data, scalar));
  },

  gradient: ([head], _, __, { scalar }) => [() => mulScalar(head, scalar)],
};

/**
 * data · scalar, element by element, on any shape.
 *
 * @example mulScalar(flow, 2.5)
 */
export function mulScalar<V extends Value>(data: V, scalar: number): V {
  return apply(mulScalarOperator, [data], { scalar })[0];
}
