/** Lines of numbers along one axis of a tensor, as kernels on planes, rows and columns walk them. */
import { elementCount, type Shape } from '../../tensor/shape.ts';
import type { Argument } from './kernel.ts';
import { plainAxes } from './layout.ts';
import { plainTable } from './plain-kernel.ts';

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

/** Where the lines begin: for each plane of a tensor with one number a line, the plane of the first number. */
export function firstPlanes(shape: Shape, axis: number): Argument {
  const { K, stepPlane } = lineAlong(shape, axis);
  const [, , planes] = plainAxes(shape.with(axis, 1));
  const first = Array.from({ length: planes }, (_, z) =>
    stepPlane === 0 ? z : Math.floor(z / stepPlane) * stepPlane * K + (z % stepPlane),
  );
  return plainTable([planes], first);
}

/** The way back: for each plane of a tensor, the plane in which a tensor with one number a line has that of its line. */
export function linePlanes(shape: Shape, axis: number): Argument {
  const { K, stepPlane } = lineAlong(shape, axis);
  const [, , planes] = plainAxes(shape);
  const line = Array.from({ length: planes }, (_, z) =>
    stepPlane === 0 ? z : Math.floor(z / (stepPlane * K)) * stepPlane + (z % stepPlane),
  );
  return plainTable([planes], line);
}
