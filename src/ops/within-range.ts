/**
 * withinRange: 1 for values inside an interval, 0 for those outside: the slope of clip.
 *
 * Formula  out = 0 where x > max or x < min, else 1
 *          The limits count as inside, and are rounded to the dtype of the data first, as clip rounds them.
 * Gradient None is passed on: the window is flat on all three stretches.
 * NaN      Gives 1: no limit cuts it off, and clip keeps it.
 */
import { ShapeError } from '../tensor/errors.ts';
import { roundTo } from './arithmetic.ts';
import { checkFinite } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';

export interface WithinRangeAttributes {
  /** Smallest value inside. */
  readonly min: number;
  /** Largest value inside, at least `min`. */
  readonly max: number;
}

export const withinRangeOperator: Operator<readonly ['data'], WithinRangeAttributes> = {
  name: 'withinRange',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape([data], { min, max }) {
    checkFinite('withinRange', 'min', min);
    checkFinite('withinRange', 'max', max);
    if (min > max) throw new ShapeError(`withinRange: min is ${min}, expected at most max, which is ${max}`);
    return [data];
  },

  forward([out], [data], attributes) {
    const [min, max] = [roundTo(data.dtype, attributes.min), roundTo(data.dtype, attributes.max)];
    for (let i = 0; i < out.data.length; i++) {
      const x = data.data[i]!;
      out.data[i] = x > max || x < min ? 0 : 1;
    }
  },

  gradient: () => [null],
};

/**
 * 1 where the data is in [min, max], 0 elsewhere, on any shape.
 *
 * @throws ShapeError when min is greater than max
 * @example elementwiseMul(head, withinRange(x, { min: 0, max: 6 })) // the gradient of clip(x, { min: 0, max: 6 })
 */
export function withinRange<V extends Value>(data: V, attributes: WithinRangeAttributes): V {
  return apply(withinRangeOperator, [data], attributes)[0];
}
