/**
 * divScalar: divide every element by a number.
 *
 * Formula  out = x / scalar
 * Source   MXNet _div_scalar. The scalar is rounded to the dtype of the data first.
 * Zero     A scalar of 0 gives ±Infinity, and NaN where x is 0. Not a product with 1 / scalar: that rounds twice.
 */
import { combine, divide, scalarBeside } from './arithmetic.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { type ScalarAttributes, scalarShape } from './scalar.ts';

export const divScalarOperator: Operator<readonly ['data'], ScalarAttributes> = {
  name: 'divScalar',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data], { scalar }) => scalarShape('divScalar', data, scalar),

  forward([out], [data], { scalar }) {
    combine(divide, out, data, scalarBeside(data, scalar));
  },

  gradient: ([head], _, __, { scalar }) => [() => divScalar(head, scalar)],
};

/**
 * data / scalar, element by element, on any shape.
 *
 * @example divScalar(image, 255)
 */
export function divScalar<V extends Value>(data: V, scalar: number): V {
  return apply(divScalarOperator, [data], { scalar })[0];
}
