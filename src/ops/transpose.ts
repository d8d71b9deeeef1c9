/**
 * transpose: the axes in another order.
 *
 * Formula  out[i₀, i₁, …] = data[j₀, j₁, …] where j at axes[k] is i_k
 * Source   MXNet transpose.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape, stridesOf } from '../tensor/shape.ts';
import { checkAxis } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { copyElements, rowMajor } from './strided.ts';

export interface TransposeAttributes {
  /** For each axis of the result, the axis of the data it comes from. Default none: the reverse order. */
  readonly axes?: readonly number[];
}

function sources(data: Shape, axes: readonly number[]): number[] {
  if (axes.length === 0) return data.map((_, axis) => data.length - 1 - axis);
  const order = axes.map((axis) => checkAxis('transpose', axis, data.length));
  if (order.length === data.length && new Set(order).size === order.length) return order;
  throw new ShapeError(
    `transpose: axes are [${axes.join(', ')}], expected each of the ${data.length} axes of data (${formatShape(data)}) once`,
  );
}

export const transposeOperator: Operator<readonly ['data'], TransposeAttributes> = {
  name: 'transpose',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { axes: [] },

  shape: ([data], { axes }) => [sources(data, axes).map((axis) => data[axis]!)],

  forward([out], [data], { axes }) {
    const strides = stridesOf(data.shape);
    const order = sources(data.shape, axes);
    copyElements(out.shape, out.data, rowMajor(out.shape), data.data, {
      offset: 0,
      strides: order.map((axis) => strides[axis]!),
    });
  },

  // The way back: the axis that each axis of the data went to.
  gradient: ([head], [data], _, { axes }) => [
    () => {
      const order = sources(data.shape, axes);
      return transpose(head, { axes: order.map((_, axis) => order.indexOf(axis)) });
    },
  ],
};

/**
 * The data with its axes in another order.
 *
 * @throws ShapeError when `axes` does not name each axis once
 * @example transpose(scores, { axes: [0, 2, 3, 1] }) // N×C×H×W to N×H×W×C
 */
export function transpose<V extends Value>(data: V, attributes: TransposeAttributes = {}): V {
  return apply(transposeOperator, [data], attributes)[0];
}
