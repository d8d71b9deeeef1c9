/**
 * plusScalar: add a number to every element.
 *
 * Formula  out = x + scalar
 * Source   MXNet _plus_scalar. The scalar is rounded to the dtype of the data first.
 */
import { add, combine, scalarBeside } from './arithmetic.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { type ScalarAttributes, scalarShape } from './scalar.ts';

export const plusScalarOperator: Operator<readonly ['data'], ScalarAttributes> = {
  name: 'plusScalar',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data], { scalar }) => scalarShape('plusScalar', data, scalar),

  forward([out], [data], { scalar }) {
    combine(add, out, data, scalarBeside(data, scalar));
  },

  gradient: ([head]) => [() => head],
};

/**
 * data + scalar, element by element, on any shape.
 *
 * @example plusScalar(x, 1)
 */
export function plusScalar<V extends Value>(data: V, scalar: number): V {
  return apply(plusScalarOperator, [data], { scalar })[0];
}
