/**
 * slice: a box of the data, with steps.
 *
 * Formula  out[i, j, …] = data[begin₀ + i · step₀, begin₁ + j · step₁, …]
 * Source   MXNet slice, which follows Python: negative positions count from the back, positions beyond an axis are
 *          moved to its end, a negative step runs backwards, and an empty stretch gives size 0.
 */
import { ShapeError } from '../tensor/errors.ts';
import { type Shape, stridesOf } from '../tensor/shape.ts';
import { embed } from './embed.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { copyElements, rowMajor } from './strided.ts';

export interface SliceAttributes {
  /** First position on each of the leading axes; null is the start in the direction of the step. */
  readonly begin: readonly (number | null)[];
  /** The position behind the last one, exclusive; null reaches to the end in the direction of the step. */
  readonly end: readonly (number | null)[];
  /** Distance between kept positions, not 0; null is 1. Default none: 1 everywhere. */
  readonly step?: readonly (number | null)[];
}

/** The kept positions of one axis: first, first + step, … */
interface Positions {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** Python's rule for `[begin:end:step]` on an axis. */
function positions(size: number, begin: number | null, end: number | null, step: number): Positions {
  // The values that begin and end are limited to: with a negative step, "before the first" is -1.
  const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1];
  const limit = (i: number): number => Math.min(Math.max(i < 0 ? i + size : i, lowest), highest);
  const first = begin === null ? (step > 0 ? lowest : highest) : limit(begin);
  const last = end === null ? (step > 0 ? highest : lowest) : limit(end);
  const count = Math.max(0, Math.ceil((last - first) / step));
  return { first: count > 0 ? first : 0, step, count };
}

function checkLists(data: Shape, { begin, end, step }: Required<SliceAttributes>): void {
  if (begin.length > data.length) {
    throw new ShapeError(`slice: begin has ${begin.length} entries, data has only ${data.length} axes`);
  }
  if (end.length !== begin.length || (step.length > 0 && step.length !== begin.length)) {
    throw new ShapeError(
      `slice: begin, end and step have ${begin.length}, ${end.length} and ${step.length} entries, expected as many (step may have none)`,
    );
  }
  const odd = [...begin, ...end, ...step].find((i) => i !== null && !Number.isInteger(i));
  if (odd !== undefined) throw new ShapeError(`slice: ${odd} is not a whole number or null`);
  if (step.includes(0))
    throw new ShapeError(`slice: step is 0 on axis ${step.indexOf(0)}, expected any other`);
}

/** The kept positions of every axis; axes behind those listed are kept whole. */
function box(data: Shape, attributes: Required<SliceAttributes>): Positions[] {
  const { begin, end, step } = attributes;
  checkLists(data, attributes);
  return data.map((size, a) => positions(size, begin[a] ?? null, end[a] ?? null, step[a] ?? 1));
}

export const sliceOperator: Operator<readonly ['data'], SliceAttributes> = {
  name: 'slice',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { step: [] },

  shape: ([data], attributes) => [box(data, attributes).map(({ count }) => count)],

  forward([out], [data], attributes) {
    const strides = stridesOf(data.shape);
    const kept = box(data.shape, attributes);
    copyElements(out.shape, out.data, rowMajor(out.shape), data.data, {
      offset: kept.reduce((sum, { first }, axis) => sum + first * strides[axis]!, 0),
      strides: kept.map(({ step }, axis) => step * strides[axis]!),
    });
  },

  gradient: ([head], [data], _, attributes) => [
    () => {
      const kept = box(data.shape, attributes);
      const begin = kept.map(({ first }) => first);
      return embed(head, { shape: data.shape, begin, step: kept.map(({ step }) => step) });
    },
  ],
};

/**
 * `data[begin:end:step, …]` in Python's notation. Lists may be shorter than the rank: the other axes are kept whole.
 *
 * @throws ShapeError when the lists do not fit each other or the data, or a step is 0
 * @example slice(image, { begin: [null, null], end: [null, null], step: [1, -1] }) // RGB to BGR
 */
export function slice<V extends Value>(data: V, attributes: SliceAttributes): V {
  return apply(sliceOperator, [data], attributes)[0];
}
