/**
 * Where in its inputs a number of the result comes from, for operators that only move numbers: slices, transposes,
 * tilings, reshapes.
 *
 * Whatever the ranks, a kernel sees planes, rows and columns. An axis of the data follows one axis of the result, so the
 * plane, row and column to read are each a sum of three parts: one for the plane of the result, one for its row, one
 * for its column. The parts are made here and put into tables, so that no kernel divides, and no position of a large
 * tensor has to fit a float:
 *
 *     plane  = byPlane[0][0][z] + byRow[0][0][y] + byColumn[0][0][x]
 *     row    = byPlane[0][1][z] + byRow[0][1][y] + byColumn[0][1][x]
 *     column = byPlane[0][2][z] + byRow[0][2][y] + byColumn[0][2][x]
 *
 * A second source has its parts in entries 3 to 5. Where a source has nothing for a number, a sum is negative.
 */
import { elementCount, indexOf, type Shape } from '../../tensor/shape.ts';
import type { Argument, Lowering, Step } from './kernel.ts';
import { plainAxes } from './layout.ts';
import { oneStep, plainInput, plainKernel, plainTable } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/** Which element of an axis of the data: by the index on an axis of the result; a negative one is no element. */
export interface AxisPlace {
  /** The axis of the result; undefined for the same element everywhere. */
  readonly follows: number | undefined;
  readonly at: (index: number) => number;
}

/** An input, and what its axes follow. */
export interface Source {
  readonly shape: Shape;
  readonly places: readonly AxisPlace[];
}

/** A part of a sum that makes it negative, whatever the others are. */
const NOWHERE = -(2 ** 24);

/** Axis `axis` of the data has the index of the same axis of the result, from `first` on. */
export const following = (axis: number, first = 0): AxisPlace => ({
  follows: axis,
  at: (index) => first + index,
});

/** Axes of size 1 repeat along those of the result. */
export const repeated = (shape: Shape): Source => ({
  shape,
  places: shape.map((size, axis) => ({ follows: axis, at: (index) => (size === 1 ? 0 : index) })),
});

/** The tables for planes, rows and columns of a result. */
export function placeTables(result: Shape, sources: readonly Source[]): Argument[] {
  const rank = result.length;
  const outer = result.slice(0, -2);
  const [columns, rows, planes] = plainAxes(result);
  const at = (axis: number, index: number): Map<number, number> => new Map([[axis, index]]);
  const steady = new Map<number | undefined, number>([[undefined, 0]]);
  return [
    table(planes, sources, (z) => new Map([...steady, ...indexOf(z, outer).entries()])),
    table(rows, sources, (y) => at(rank - 2, y)),
    table(columns, sources, (x) => at(rank - 1, x)),
  ];
}

/** @param indices of those axes of the result that position `i` of the table is about */
function table(
  size: number,
  sources: readonly Source[],
  indices: (i: number) => ReadonlyMap<number | undefined, number>,
): Argument {
  const data = new Float32Array(3 * sources.length * size);
  for (let i = 0; i < size; i++) {
    const known = indices(i);
    sources.forEach((source, k) =>
      partsOf(source, known).forEach((part, axis) => (data[(3 * k + axis) * size + i] = part)),
    );
  }
  return plainTable([3 * sources.length, size], data);
}

/** What known indices add to plane, row and column. */
function partsOf(
  { shape, places }: Source,
  known: ReadonlyMap<number | undefined, number>,
): readonly [number, number, number] {
  const parts: [number, number, number] = [0, 0, 0];
  const rank = shape.length;
  places.forEach(({ follows, at }, axis) => {
    const index = known.get(follows);
    if (index === undefined) return;
    const place = at(index);
    const which = Math.max(0, axis - rank + 3);
    const step = which === 0 ? elementCount(shape.slice(axis + 1, rank - 2)) : 1;
    parts[which]! += place < 0 ? NOWHERE : place * step;
  });
  return parts;
}

/** The obvious kernel of operators that move numbers. */
function gather(this: Thread, data: Planes, byPlane: Planes, byRow: Planes, byColumn: Planes): number {
  const plane =
    byPlane[0]![0]![this.thread.z]! + byRow[0]![0]![this.thread.y]! + byColumn[0]![0]![this.thread.x]!;
  const row =
    byPlane[0]![1]![this.thread.z]! + byRow[0]![1]![this.thread.y]! + byColumn[0]![1]![this.thread.x]!;
  const column =
    byPlane[0]![2]![this.thread.z]! + byRow[0]![2]![this.thread.y]! + byColumn[0]![2]![this.thread.x]!;
  return data[plane]![row]![column]!;
}

/** A step that gathers a result from input 0. */
export function gatherStep(result: Shape, source: Source): Step {
  const spec = plainKernel('gather', gather, {}, result);
  return { spec, arguments: [plainInput(0), ...placeTables(result, [source])] };
}

/** A lowering that gathers the one result from input 0. */
export function gathering(result: Shape, source: Source): Lowering {
  const step = gatherStep(result, source);
  return oneStep(step.spec, step.arguments);
}
