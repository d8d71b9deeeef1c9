/** What the broadcasting operators share: the shape rule, and its adjoint. */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import type { Value } from './operator.ts';
import { sum } from './sum.ts';

/**
 * The shape that two operands of one rank broadcast to: sizes are equal, or one of them is 1 and repeats. MXNet also
 * aligns operands of different rank at their last axes, like NumPy; here they are refused, since a forgotten axis is a
 * mistake more often than a wish.
 */
export function broadcastShape(operator: string, lhs: Shape, rhs: Shape): Shape {
  const shapes = `lhs ${formatShape(lhs)}, rhs ${formatShape(rhs)}`;
  if (lhs.length !== rhs.length) {
    throw new ShapeError(
      `${operator}: lhs has ${lhs.length} axes, rhs has ${rhs.length} (${shapes}), expected as many; reshape one with axes of size 1`,
    );
  }
  return lhs.map((size, axis) => {
    const other = rhs[axis]!;
    if (size === other || other === 1) return size;
    if (size === 1) return other;
    throw new ShapeError(
      `${operator}: axis ${axis} has size ${size} in lhs and ${other} in rhs (${shapes}), expected equal sizes or a 1`,
    );
  });
}

/** Sums over the axes that repeated from size 1: takes a gradient in the result back to the shape of an operand. */
export function sumTo<V extends Value>(head: V, shape: Shape): V {
  const axes = shape.flatMap((size, axis) => (size === 1 && head.shape[axis] !== 1 ? [axis] : []));
  return axes.length > 0 ? sum(head, { axes, keepDims: true }) : head;
}
