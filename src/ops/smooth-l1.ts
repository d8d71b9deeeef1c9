/**
 * smoothL1: the loss of box regression, a parabola near zero and straight lines outside.
 *
 * Formula  out = |x| − 0.5 / σ² where |x| > 1 / σ², else 0.5 σ² x²
 * Source   MXNet smooth_l1 (its `scalar` is σ); Fast R-CNN, equation 3, where σ = 1.
 * Kinks    None: at |x| = 1 / σ² both branches give 0.5 / σ² with slope ±1. The second derivative jumps there.
 * NaN      Stays NaN.
 */
import { ShapeError } from '../tensor/errors.ts';
import { roundTo } from './arithmetic.ts';
import { checkFinite } from './checks.ts';
import { clip } from './clip.ts';
import { elementwiseMul } from './elementwise-mul.ts';
import { mulScalar } from './mul-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';

export interface SmoothL1Attributes {
  /** σ: the parabola reaches to 1 / σ². Above 0. Default 1. */
  readonly sigma?: number;
}

export const smoothL1Operator: Operator<readonly ['data'], SmoothL1Attributes> = {
  name: 'smoothL1',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { sigma: 1 },

  shape([data], { sigma }) {
    checkFinite('smoothL1', 'sigma', sigma);
    if (sigma <= 0) throw new ShapeError(`smoothL1: sigma is ${sigma}, expected a number above 0`);
    return [data];
  },

  forward([out], [data], attributes) {
    const sigma = roundTo(data.dtype, attributes.sigma);
    const curvature = sigma * sigma;
    const reach = 1 / curvature;
    for (let i = 0; i < out.data.length; i++) {
      const size = Math.abs(data.data[i]!);
      out.data[i] = size > reach ? size - 0.5 * reach : 0.5 * curvature * size * size;
    }
  },

  // The slope: σ² x on the parabola, which reaches ±1 where the straight lines begin.
  gradient: ([head], [data], _, { sigma }) => [
    () => elementwiseMul(head, clip(mulScalar(data, sigma * sigma), { min: -1, max: 1 })),
  ],
};

/**
 * Smooth L1 of each element, on any shape. Not summed.
 *
 * @throws ShapeError when sigma is not above 0
 * @example smoothL1(broadcastSub(prediction, target), { sigma: 3 })
 */
export function smoothL1<V extends Value>(data: V, attributes: SmoothL1Attributes = {}): V {
  return apply(smoothL1Operator, [data], attributes)[0];
}
