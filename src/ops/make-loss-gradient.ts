/**
 * makeLossGradient: what MXNet's MakeLoss starts the backward pass with.
 *
 * Formula  out = gradScale / count at every element, where count is 1 for normalization `null`, the size N of the first
 *          axis for `batch`, and for `valid` the number of elements above `validThreshold`, at least 1
 * Source   MXNet MakeLoss, backward. The incoming gradient does not enter. The attributes are float32 there, and for
 *          `batch` so is the quotient, for float64 data too.
 * Gradient None: it is constant but for jumps of the count.
 * NaN      In the data: not above any threshold.
 */
import type { Tensor } from '../tensor/tensor.ts';
import { checkMakeLoss, type MakeLossAttributes, makeLossDefaults } from './make-loss-attributes.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { rounding } from './rounding.ts';

export const makeLossGradientOperator: Operator<readonly ['data'], MakeLossAttributes> = {
  name: 'makeLossGradient',
  inputs: ['data'],
  outputs: ['output'],
  defaults: makeLossDefaults,

  shape([data], attributes) {
    checkMakeLoss('makeLossGradient', attributes);
    return [data];
  },

  forward([out], [data], { gradScale, normalization, validThreshold }) {
    const scale = Math.fround(gradScale);
    const value =
      normalization === 'batch'
        ? Math.fround(scale / (data.shape[0] ?? 1))
        : normalization === 'valid'
          ? scale / Math.max(1, countAbove(data, validThreshold))
          : scale;
    out.data.fill(value);
  },

  gradient: () => [null],
};

function countAbove({ data, dtype }: Tensor, threshold: number): number {
  const bound = rounding(dtype)(Math.fround(threshold));
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i]! > bound) count++;
  return count;
}

/**
 * The gradient that `makeLoss` with the same attributes passes to its data, whatever arrives at its output.
 *
 * @returns one constant, in the shape of the data
 * @example makeLossGradient(boxLoss, { gradScale: 1 / 128 })
 */
export function makeLossGradient<V extends Value>(data: V, attributes: MakeLossAttributes = {}): V {
  return apply(makeLossGradientOperator, [data], attributes)[0];
}
