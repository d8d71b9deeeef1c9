/**
 * Walking through two row-major arrays at once, each with its own strides.
 *
 * Slices, transposes, tilings, broadcasts and reductions differ only in strides: a reversed axis has a negative one, a
 * repeated or summed axis has stride 0. The walk is cut into rows along the innermost axis, and axes that lie one
 * after the other in both arrays are joined first, so that a plain copy is one row however many axes it has.
 */
import { elementCount, type Shape, stridesOf } from '../tensor/shape.ts';
import type { TensorData } from '../tensor/tensor.ts';

/** Where the elements of a walked shape lie in an array. */
export interface Layout {
  /** Position of the element whose index is all zeros. */
  readonly offset: number;
  /** Distance between neighbours along each axis: 0 repeats, negative runs backwards. */
  readonly strides: readonly number[];
}

/** One stretch of the walk, along the innermost axis. */
export interface Row {
  /** Elements visited before this row. */
  readonly start: number;
  readonly length: number;
  /** Position of the first element in the left array, and the distance to the next. */
  readonly left: number;
  readonly leftStep: number;
  readonly right: number;
  readonly rightStep: number;
}

/** The layout of a tensor of this shape. */
export function rowMajor(shape: Shape): Layout {
  return { offset: 0, strides: stridesOf(shape) };
}

/** The layout of a tensor whose axes of size 1 repeat for as long as those of a larger shape of the same rank. */
export function repeating(shape: Shape): Layout {
  return { offset: 0, strides: stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride)) };
}

interface Axis {
  readonly size: number;
  readonly left: number;
  readonly right: number;
}

/** The axes of the walk, outermost first, without those of size 1, joined where both arrays run on. */
function joinedAxes(shape: Shape, left: Layout, right: Layout): Axis[] {
  const axes: Axis[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const inner = { size: shape[axis]!, left: left.strides[axis]!, right: right.strides[axis]! };
    if (inner.size === 1) continue;
    const outer = axes.at(-1);
    if (outer && outer.left === inner.left * inner.size && outer.right === inner.right * inner.size) {
      axes[axes.length - 1] = { ...inner, size: outer.size * inner.size };
    } else {
      axes.push(inner);
    }
  }
  return axes;
}

/** Visits all elements of a shape in row-major order, a row at a time. */
export function eachRow(shape: Shape, left: Layout, right: Layout, visit: (row: Row) => void): void {
  const total = elementCount(shape);
  if (total === 0) return;
  const outer = joinedAxes(shape, left, right);
  const inner = outer.pop() ?? { size: 1, left: 0, right: 0 };
  const index = new Array<number>(outer.length).fill(0);
  let [l, r] = [left.offset, right.offset];
  for (let start = 0; start < total; start += inner.size) {
    visit({ start, length: inner.size, left: l, leftStep: inner.left, right: r, rightStep: inner.right });
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const { size, left: leftStep, right: rightStep } = outer[axis]!;
      l += leftStep;
      r += rightStep;
      if (++index[axis]! < size) break;
      index[axis] = 0;
      l -= leftStep * size;
      r -= rightStep * size;
    }
  }
}

/** Copies the elements of a shape from one layout to another. */
export function copyElements(
  shape: Shape,
  to: TensorData,
  toLayout: Layout,
  from: TensorData,
  fromLayout: Layout,
): void {
  eachRow(shape, toLayout, fromLayout, ({ length, left, leftStep, right, rightStep }) => {
    if (leftStep === 1 && rightStep === 1 && length > SHORT) {
      to.set(from.subarray(right, right + length), left);
      return;
    }
    for (let i = 0; i < length; i++) to[left + i * leftStep] = from[right + i * rightStep]!;
  });
}

/** Up to here a loop is faster than making a view for a block copy. */
const SHORT = 32;
