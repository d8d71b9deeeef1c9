/**
 * sliceAxis: a stretch of one axis.
 *
 * Formula  out[…, i, …] = data[…, begin + i, …] for 0 ≤ i < end − begin
 * Source   MXNet slice_axis. Unlike `slice` it refuses a stretch that is empty or reaches beyond the axis.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape, stridesOf } from '../tensor/shape.ts';
import { checkAxis } from './checks.ts';
import { embed } from './embed.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { copyElements, rowMajor } from './strided.ts';

export interface SliceAxisAttributes {
  /** The axis that is cut. Negative counts from the back. */
  readonly axis: number;
  /** First element kept. Negative counts from the back. Default 0. */
  readonly begin?: number;
  /** The element behind the last one kept; null is the end of the axis. Negative counts from the back. Default null. */
  readonly end?: number | null;
}

/** The axis, and the stretch of it, counted from the front. */
function stretch(data: Shape, { axis, begin, end }: Required<SliceAxisAttributes>): [number, number, number] {
  const cut = checkAxis('sliceAxis', axis, data.length);
  const size = data[cut]!;
  const fromFront = (i: number): number => (i < 0 ? i + size : i);
  const [first, last] = [fromFront(begin), end === null ? size : fromFront(end)];
  const whole = Number.isInteger(first) && Number.isInteger(last);
  const inside = first >= 0 && last <= size && first <= last && (first < last || size === 0);
  if (whole && inside) return [cut, first, last];
  throw new ShapeError(
    `sliceAxis: begin ${begin} to end ${end} is no part of axis ${axis} of ${formatShape(data)}, expected 0 ≤ begin < end ≤ ${size}`,
  );
}

export const sliceAxisOperator: Operator<readonly ['data'], SliceAxisAttributes> = {
  name: 'sliceAxis',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { begin: 0, end: null },

  shape([data], attributes) {
    const [axis, first, last] = stretch(data, attributes);
    return [data.with(axis, last - first)];
  },

  forward([out], [data], attributes) {
    const [axis, first] = stretch(data.shape, attributes);
    const strides = stridesOf(data.shape);
    const offset = first * strides[axis]!;
    copyElements(out.shape, out.data, rowMajor(out.shape), data.data, { offset, strides });
  },

  gradient: ([head], [data], _, attributes) => [
    () => {
      const [axis, first] = stretch(data.shape, attributes);
      return embed(head, { shape: data.shape, begin: data.shape.map((_, a) => (a === axis ? first : 0)) });
    },
  ],
};

/**
 * The part of the data from `begin` up to, and without, `end` on one axis.
 *
 * @throws ShapeError when the part is empty or not inside the axis
 * @example sliceAxis(scores, { axis: 1, begin: 9 }) // the second half of 18 channels
 */
export function sliceAxis<V extends Value>(data: V, attributes: SliceAxisAttributes): V {
  return apply(sliceAxisOperator, [data], attributes)[0];
}
