/** Shapes: sizes per axis, outermost first. Any rank, sizes of 0 allowed. */

export type Shape = readonly number[];

/** Number of elements: the product of the sizes, 1 for a scalar. */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** `1x64x75x125`, or `scalar`. */
export function formatShape(shape: Shape): string {
  return shape.length === 0 ? 'scalar' : shape.join('x');
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Elements between neighbours along each axis of a row-major array. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The index of each axis of the element at a position of the row-major data. */
export function indexOf(position: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length);
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}
