/**
 * makeLoss: declares a value to be a loss.
 *
 * Formula  out = x
 * Source   MXNet MakeLoss: the identity forward; backward the constant gradScale at every element, whatever gradient
 *          comes in. Deep Feature Flow: the box losses of regions and proposals. All attributes concern the gradient alone.
 */
import { apply, checkChoice, checkNumber, type Operator, type Value } from './operator.ts';

export interface MakeLossAttributes {
  /** The gradient of every element, before normalisation. Default 1. */
  readonly gradScale?: number;
  /** Divide the gradient by the batch size or by the number of elements above `validThreshold`. Default `null`. */
  readonly normalization?: 'null' | 'batch' | 'valid';
  /** What an element must exceed to count in normalization `valid`. Default 0. */
  readonly validThreshold?: number;
}

export const makeLossOperator: Operator<readonly ['data'], MakeLossAttributes> = {
  name: 'makeLoss',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { gradScale: 1, normalization: 'null', validThreshold: 0 },

  shape([data], { gradScale, normalization, validThreshold }) {
    checkNumber('makeLoss', 'gradScale', gradScale);
    checkNumber('makeLoss', 'validThreshold', validThreshold);
    checkChoice('makeLoss', 'normalization', normalization, ['null', 'batch', 'valid']);
    return [data];
  },

  forward([out], [data]) {
    out.data.set(data.data);
  },
};

/**
 * The data as it is; training starts its backward pass here.
 *
 * @example makeLoss(boxLoss, { gradScale: 1 / 128 })
 */
export function makeLoss<V extends Value>(data: V, attributes: MakeLossAttributes = {}): V {
  return apply(makeLossOperator, [data], attributes)[0];
}
