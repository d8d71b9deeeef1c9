/** Steps that walk through two arrays at once, see `kernels/walk.ts`. */
import { elementCount, type Shape, stridesOf } from '../../../tensor/shape.ts';
import type { Address, Kernel, RecordOf } from '../kernel.ts';
import { AXIS_BYTES, ITEM_ELEMENTS, type walkFields } from '../kernels/walk.ts';
import { FLOAT_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';

/** Where the elements of a walked shape lie. */
export interface Side {
  /** Of the element whose index is all zeros. */
  readonly address: Address;
  /** Elements from one to the next on every axis. */
  readonly strides: readonly number[];
}

export function rowMajor(address: Address, shape: Shape): Side {
  return { address, strides: stridesOf(shape) };
}

/** A value whose axes of size 1 repeat. */
export function repeating(address: Address, shape: Shape): Side {
  return { address, strides: stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride)) };
}

interface Axis {
  readonly size: number;
  readonly left: number;
  readonly right: number;
}

/** The axes of a walk, outermost first, without those of size 1; joined where both arrays run on. */
export function joinedAxes(shape: Shape, left: readonly number[], right: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const inner = { size, left: left[axis]!, right: right[axis]! };
    const outer = axes.at(-1);
    if (outer && outer.left === inner.left * size && outer.right === inner.right * size) {
      axes[axes.length - 1] = { ...inner, size: outer.size * size };
    } else {
      axes.push(inner);
    }
  });
  return axes;
}

/** A table of axes in memory, the innermost first, strides in bytes. */
export function axesTable(axes: readonly Axis[]): Int32Array {
  return Int32Array.from(
    axes.toReversed().flatMap(({ size, left, right }) => [size, left * FLOAT_BYTES, right * FLOAT_BYTES]),
  );
}

/**
 * Adds a step that walks.
 *
 * @param rest the kernel's further fields
 * @param items default: one for each item of the walk, none if there is nothing to walk through
 */
export function walkStep<F extends typeof walkFields>(
  lowering: NodeLowering,
  kernel: Kernel<F>,
  shape: Shape,
  [left, right]: readonly [Side, Side],
  rest: Omit<RecordOf<F>, keyof typeof walkFields>,
  items: number = Math.ceil(elementCount(shape) / ITEM_ELEMENTS),
): void {
  if (items === 0) return;
  const axes = joinedAxes(shape, left.strides, right.strides);
  const inner = axes.pop() ?? { size: 1, left: 0, right: 0 };
  const walk: RecordOf<typeof walkFields> = {
    left: left.address,
    right: right.address,
    axes: axes.length > 0 ? lowering.constant(axesTable(axes)) : null,
    axesBytes: axes.length * AXIS_BYTES,
    length: inner.size,
    leftStep: inner.left * FLOAT_BYTES,
    rightStep: inner.right * FLOAT_BYTES,
    total: elementCount(shape),
  };
  lowering.step(kernel, items, { ...rest, ...walk } as unknown as RecordOf<F>);
}
