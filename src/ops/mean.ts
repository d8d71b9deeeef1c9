/**
 * mean: the average over some axes.
 *
 * Formula  out[kept axes] = (Σ data over the other axes) / (number of elements in the sum), in float64
 * Source   MXNet mean. Over all axes it gives shape (1), not a scalar.
 * NaN      The mean of no elements.
 */
import { divScalar } from './div-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { type ReductionAttributes, reductionGeometry, spread, sums } from './reduction.ts';
import { unlessEmpty } from './unless-empty.ts';

export const meanOperator: Operator<readonly ['data'], ReductionAttributes> = {
  name: 'mean',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { axes: [], keepDims: false, exclude: false },

  shape: ([data], attributes) => [reductionGeometry('mean', data, attributes).shape],

  forward([out], [data], attributes) {
    const geometry = reductionGeometry('mean', data.shape, attributes);
    out.data.set(sums(data, geometry).map((total) => total / geometry.count));
  },

  gradient: ([head], [data], _, attributes) => [
    unlessEmpty(data, () => {
      const geometry = reductionGeometry('mean', data.shape, attributes);
      return spread(divScalar(head, geometry.count), data.shape, geometry);
    }),
  ],
};

/**
 * Mean over `axes`, or over everything.
 *
 * @throws ShapeError when an axis does not exist or is named twice
 * @example mean(scores, { axes: [2, 3] }) // N×C×H×W to N×C
 */
export function mean<V extends Value>(data: V, attributes: ReductionAttributes = {}): V {
  return apply(meanOperator, [data], attributes)[0];
}
