/** What `sum` and `mean` share: which axes go, what shape stays, the sums themselves and the way back. */
import { ShapeError } from '../tensor/errors.ts';
import { elementCount, sameShape, type Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { broadcastTo } from './broadcast-to.ts';
import { checkAxis } from './checks.ts';
import { type Value } from './operator.ts';
import { reshape } from './reshape.ts';
import { eachRow, repeating, rowMajor } from './strided.ts';

export interface ReductionAttributes {
  /** The axes that are summed over. Negative counts from the back. Default none, which means all of them. */
  readonly axes?: readonly number[];
  /** Keep the axes with size 1. Default false: they are dropped; when none is left, the shape is (1), as in MXNet. */
  readonly keepDims?: boolean;
  /** Sum over all axes but the given ones. Without given ones it has no effect, as in MXNet. Default false. */
  readonly exclude?: boolean;
}

export interface ReductionGeometry {
  /** The shape of the result. */
  readonly shape: Shape;
  /** The same with every summed axis kept at size 1. */
  readonly keptShape: Shape;
  /** Elements that go into one sum. */
  readonly count: number;
}

export function reductionGeometry(
  operator: string,
  data: Shape,
  { axes, keepDims, exclude }: Required<ReductionAttributes>,
): ReductionGeometry {
  const named = new Set(axes.map((axis) => checkAxis(operator, axis, data.length)));
  if (named.size < axes.length) {
    throw new ShapeError(`${operator}: axes are [${axes.join(', ')}], expected each at most once`);
  }
  const isSummed = (axis: number): boolean => axes.length === 0 || named.has(axis) !== exclude;
  const keptShape = data.map((size, axis) => (isSummed(axis) ? 1 : size));
  const remaining = data.filter((_, axis) => !isSummed(axis));
  return {
    shape: keepDims ? keptShape : remaining.length > 0 ? remaining : [1],
    keptShape,
    count: elementCount(data.filter((_, axis) => isSummed(axis))),
  };
}

/** The sums, in float64 whatever the dtype of the data: a float32 total of a large map would lose digits. */
export function sums(data: Tensor, { keptShape }: ReductionGeometry): Float64Array {
  const totals = new Float64Array(elementCount(keptShape));
  const values = data.data;
  eachRow(data.shape, rowMajor(data.shape), repeating(keptShape), ({ length, left, right, rightStep }) => {
    if (rightStep === 0) {
      let total = 0;
      for (let i = left; i < left + length; i++) total += values[i]!;
      totals[right]! += total;
    } else {
      // Of an axis that is kept and innermost, the sums lie side by side.
      for (let i = 0; i < length; i++) totals[right + i]! += values[left + i]!;
    }
  });
  return totals;
}

/** Repeats a gradient in the sums over the elements that went into them. */
export function spread<V extends Value>(head: V, data: Shape, { keptShape }: ReductionGeometry): V {
  const kept = sameShape(head.shape, keptShape) ? head : reshape(head, { shape: keptShape });
  return broadcastTo(kept, { shape: data });
}
