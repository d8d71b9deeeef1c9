/**
 * rdivScalar: divide a number by every element.
 *
 * Formula  out = scalar / x
 * Source   MXNet _rdiv_scalar. The scalar is rounded to the dtype of the data first.
 * Zero     Elements that are 0 give ±Infinity.
 */
import { combine, divide, scalarBeside } from './arithmetic.ts';
import { broadcastDiv } from './broadcast-div.ts';
import { elementwiseMul } from './elementwise-mul.ts';
import { mulScalar } from './mul-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { type ScalarAttributes, scalarShape } from './scalar.ts';

export const rdivScalarOperator: Operator<readonly ['data'], ScalarAttributes> = {
  name: 'rdivScalar',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape: ([data], { scalar }) => scalarShape('rdivScalar', data, scalar),

  forward([out], [data], { scalar }) {
    combine(divide, out, scalarBeside(data, scalar), data);
  },

  // −scalar / x² as −out / x, which does not overflow on the way.
  gradient: ([head], [data], [out]) => [() => mulScalar(elementwiseMul(head, broadcastDiv(out, data)), -1)],
};

/**
 * scalar / data, element by element, on any shape.
 *
 * @example rdivScalar(x, 1) // reciprocals
 */
export function rdivScalar<V extends Value>(data: V, scalar: number): V {
  return apply(rdivScalarOperator, [data], { scalar })[0];
}
