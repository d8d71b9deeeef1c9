/**
 * clip: limit values to an interval.
 *
 * Formula  out = max where x > max, min where x < min, else x
 * Source   MXNet clip. The limits are rounded to the dtype of the data first (by MXNet to float32 for float64 data too).
 * Kinks    Both limits, where the slope is that of the inside: 1.
 * NaN      Stays NaN.
 */
import { ShapeError } from '../tensor/errors.ts';
import { roundTo } from './arithmetic.ts';
import { checkFinite } from './checks.ts';
import { elementwiseMul } from './elementwise-mul.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { withinRange } from './within-range.ts';

export interface ClipAttributes {
  /** Smallest result. */
  readonly min: number;
  /** Largest result, at least `min`. */
  readonly max: number;
}

export const clipOperator: Operator<readonly ['data'], ClipAttributes> = {
  name: 'clip',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape([data], { min, max }) {
    checkFinite('clip', 'min', min);
    checkFinite('clip', 'max', max);
    if (min > max) throw new ShapeError(`clip: min is ${min}, expected at most max, which is ${max}`);
    return [data];
  },

  forward([out], [data], attributes) {
    const [min, max] = [roundTo(data.dtype, attributes.min), roundTo(data.dtype, attributes.max)];
    for (let i = 0; i < out.data.length; i++) {
      const x = data.data[i]!;
      out.data[i] = x > max ? max : x < min ? min : x;
    }
  },

  gradient: ([head], [data], _, limits) => [() => elementwiseMul(head, withinRange(data, limits))],
};

/**
 * The data, limited to [min, max], on any shape.
 *
 * @throws ShapeError when min is greater than max
 * @example clip(x, { min: 0, max: 6 })
 */
export function clip<V extends Value>(data: V, attributes: ClipAttributes): V {
  return apply(clipOperator, [data], attributes)[0];
}
