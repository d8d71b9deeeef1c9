/**
 * embed: the data placed in a larger tensor of zeros, with steps between its elements.
 *
 * Formula  out[begin₀ + i · step₀, begin₁ + j · step₁, …] = data[i, j, …], and 0 everywhere else
 * Source   the adjoint of slice, of sliceAxis and of crop, whose gradients it is.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape, stridesOf } from '../tensor/shape.ts';
import { checkInteger } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { slice } from './slice.ts';
import { copyElements, rowMajor } from './strided.ts';

export interface EmbedAttributes {
  /** The shape of the result, with as many axes as the data. */
  readonly shape: Shape;
  /** Where the first element of the data goes, on every axis. */
  readonly begin: readonly number[];
  /** Distance between neighbours of the data on every axis; not 0, negative runs backwards. Default none: 1 everywhere. */
  readonly step?: readonly number[];
}

/** Throws unless all elements of an axis find a place. */
function checkPlaces(size: number, room: number, begin: number, step: number, axis: number): void {
  checkInteger('embed', `shape[${axis}]`, room, 0);
  checkInteger('embed', `begin[${axis}]`, begin, 0);
  if (!Number.isInteger(step) || step === 0) {
    throw new ShapeError(`embed: step[${axis}] is ${step}, expected a whole number other than 0`);
  }
  const last = begin + (size - 1) * step;
  if (size === 0 || (begin < room && last >= 0 && last < room)) return;
  throw new ShapeError(
    `embed: axis ${axis} of data goes from ${begin} to ${last} in steps of ${step}, expected positions below ${room}`,
  );
}

export const embedOperator: Operator<readonly ['data'], EmbedAttributes> = {
  name: 'embed',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { step: [] },

  shape([data], { shape, begin, step }) {
    const rank = data.length;
    if (shape.length !== rank || begin.length !== rank || (step.length > 0 && step.length !== rank)) {
      throw new ShapeError(
        `embed: shape, begin and step have ${shape.length}, ${begin.length} and ${step.length} entries, expected one for each axis of data (${formatShape(data)}; step may have none)`,
      );
    }
    data.forEach((size, axis) => checkPlaces(size, shape[axis]!, begin[axis]!, step[axis] ?? 1, axis));
    return [shape];
  },

  forward([out], [data], { begin, step }) {
    const strides = stridesOf(out.shape);
    const places = {
      offset: begin.reduce((sum, first, axis) => sum + first * strides[axis]!, 0),
      strides: strides.map((stride, axis) => (step[axis] ?? 1) * stride),
    };
    copyElements(data.shape, out.data, places, data.data, rowMajor(data.shape));
  },

  gradient: ([head], [data], _, { begin, step }) => [
    () => slice(head, { begin, end: ends(data.shape, begin, step), step }),
  ],
};

/** The positions behind the last element, as slice understands them: null before the first. */
function ends(data: Shape, begin: readonly number[], step: readonly number[]): (number | null)[] {
  return data.map((size, axis) => {
    const end = begin[axis]! + size * (step[axis] ?? 1);
    return end < 0 ? null : end;
  });
}

/**
 * Zeros in `shape`, with the data in them.
 *
 * @throws ShapeError when the lists do not fit the data, or an element would lie outside
 * @example embed(head, { shape: [1, 64, 39, 64], begin: [0, 0, 1, 1] }) // the gradient of a crop with offset 1
 */
export function embed<V extends Value>(data: V, attributes: EmbedAttributes): V {
  return apply(embedOperator, [data], attributes)[0];
}
