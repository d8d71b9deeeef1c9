/** Lines of numbers along one axis of a tensor, as kernels on planes, rows and columns walk them. */
import { elementCount, type Shape } from '../../tensor/shape.ts';

/** A line has K numbers; of the three steps from one to the next two are 0. */
export interface Line {
  readonly K: number;
  readonly stepPlane: number;
  readonly stepRow: number;
  readonly stepColumn: number;
}

/** The lines along an axis counted from the front. */
export function lineAlong(shape: Shape, axis: number): Line {
  const inPlane = axis - (shape.length - 2); // 0 for the rows, 1 for the columns
  return {
    K: shape[axis]!,
    stepPlane: inPlane < 0 ? elementCount(shape.slice(axis + 1, -2)) : 0,
    stepRow: inPlane === 0 ? 1 : 0,
    stepColumn: inPlane === 1 ? 1 : 0,
  };
}
