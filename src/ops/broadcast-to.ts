/**
 * broadcastTo: axes of size 1 repeat until the data has a shape.
 *
 * Formula  out[i, j, …] = data[i or 0, j or 0, …], with 0 on axes of size 1
 * Source   MXNet broadcast_to, except that a 0 is a size here and no "as it was". The adjoint of a sum.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import { sumTo } from './broadcast.ts';
import { checkInteger } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { copyElements, repeating, rowMajor } from './strided.ts';

export interface BroadcastToAttributes {
  /** The shape of the result: as many axes as the data, each of the data's size or, where that is 1, of any. */
  readonly shape: Shape;
}

export const broadcastToOperator: Operator<readonly ['data'], BroadcastToAttributes> = {
  name: 'broadcastTo',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape([data], { shape }) {
    shape.forEach((size, axis) => checkInteger('broadcastTo', `shape[${axis}]`, size, 0));
    if (data.length === shape.length && data.every((size, axis) => size === 1 || size === shape[axis])) {
      return [shape];
    }
    throw new ShapeError(
      `broadcastTo: data ${formatShape(data)} does not repeat to ${formatShape(shape)}, expected as many axes, of equal size or 1`,
    );
  },

  forward([out], [data]) {
    copyElements(out.shape, out.data, rowMajor(out.shape), data.data, repeating(data.shape));
  },

  gradient: ([head], [data]) => [() => sumTo(head, data.shape)],
};

/**
 * The data with axes of size 1 repeated, in the shape asked for.
 *
 * @throws ShapeError when the ranks differ, or an axis that is not of size 1 would change
 * @example broadcastTo(bias, { shape: [1, 64, 38, 63] }) // from 1×64×1×1
 */
export function broadcastTo<V extends Value>(data: V, attributes: BroadcastToAttributes): V {
  return apply(broadcastToOperator, [data], attributes)[0];
}
