/**
 * sum: the total over some axes.
 *
 * Formula  out[kept axes] = Σ data over the other axes, added up in float64
 * Source   MXNet sum. Over all axes it gives shape (1), not a scalar.
 */
import { apply, type Operator, type Value } from './operator.ts';
import { type ReductionAttributes, reductionGeometry, spread, sums } from './reduction.ts';
import { unlessEmpty } from './unless-empty.ts';

export const sumOperator: Operator<readonly ['data'], ReductionAttributes> = {
  name: 'sum',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { axes: [], keepDims: false, exclude: false },

  shape: ([data], attributes) => [reductionGeometry('sum', data, attributes).shape],

  forward([out], [data], attributes) {
    out.data.set(sums(data, reductionGeometry('sum', data.shape, attributes)));
  },

  gradient: ([head], [data], _, attributes) => [
    unlessEmpty(data, () => spread(head, data.shape, reductionGeometry('sum', data.shape, attributes))),
  ],
};

/**
 * Sum over `axes`, or over everything.
 *
 * @throws ShapeError when an axis does not exist or is named twice
 * @example sum(loss) // shape (1)
 * @example sum(feature, { axes: [2, 3], keepDims: true }) // N×C×H×W to N×C×1×1
 */
export function sum<V extends Value>(data: V, attributes: ReductionAttributes = {}): V {
  return apply(sumOperator, [data], attributes)[0];
}
