/**
 * sgdMomentumUpdate: one step of stochastic gradient descent with momentum and weight decay.
 *
 * Formula  g = clip(rescaleGrad · grad, ±clipGradient)
 *          mom' = momentum · mom − learningRate · g − learningRate · weightDecay · weight
 *          weight' = weight + mom'
 *          The decay is not clipped, and the learning rate is inside the momentum: a change of rate acts on new
 *          gradients only.
 * Source   MXNet sgd_mom_update, which writes both results in place; here they are outputs.
 * NaN      At that element, in both outputs.
 */
import { checkNumber, checkPositive, checkShape } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';

export interface SgdMomentumUpdateAttributes {
  readonly learningRate: number;
  /** Share of the last step that is repeated. Default 0. */
  readonly momentum?: number;
  /** Pull towards zero, as a share of the weight, before the learning rate. Default 0. */
  readonly weightDecay?: number;
  /** Factor of the gradient, e.g. 1 / batch size. Default 1. */
  readonly rescaleGrad?: number;
  /** Bound on the size of each rescaled gradient element; null for none. Default null. */
  readonly clipGradient?: number | null;
}

type Inputs = readonly ['weight', 'grad', 'mom'];
type Outputs = readonly ['weight', 'mom'];

export const sgdMomentumUpdateOperator: Operator<Inputs, SgdMomentumUpdateAttributes, Outputs> = {
  name: 'sgdMomentumUpdate',
  inputs: ['weight', 'grad', 'mom'],
  outputs: ['weight', 'mom'],
  defaults: { momentum: 0, weightDecay: 0, rescaleGrad: 1, clipGradient: null },

  shape([weight, grad, mom], { learningRate, momentum, weightDecay, rescaleGrad, clipGradient }) {
    checkNumber('sgdMomentumUpdate', 'learningRate', learningRate);
    checkNumber('sgdMomentumUpdate', 'momentum', momentum);
    checkNumber('sgdMomentumUpdate', 'weightDecay', weightDecay);
    checkNumber('sgdMomentumUpdate', 'rescaleGrad', rescaleGrad);
    if (clipGradient !== null) checkPositive('sgdMomentumUpdate', 'clipGradient', clipGradient);
    checkShape('sgdMomentumUpdate', 'grad', grad, weight, 'the shape of the weight');
    checkShape('sgdMomentumUpdate', 'mom', mom, weight, 'the shape of the weight');
    return [weight, weight];
  },

  forward([newWeight, newMom], [weight, grad, mom], attributes) {
    const { learningRate, momentum, weightDecay, rescaleGrad } = attributes;
    const bound = attributes.clipGradient ?? Infinity;
    for (let i = 0; i < weight.data.length; i++) {
      const w = weight.data[i]!;
      const g = Math.min(Math.max(rescaleGrad * grad.data[i]!, -bound), bound);
      newMom.data[i] = momentum * mom.data[i]! - learningRate * g - learningRate * weightDecay * w;
      newWeight.data[i] = w + newMom.data[i]!;
    }
  },
};

/** Weight and momentum after a step. */
export interface SgdMomentumUpdateResult<V extends Value> {
  readonly weight: V;
  readonly momentum: V;
}

/**
 * One training step of a weight, given its gradient and the momentum that the last step left (zeros at first). All
 * three have one shape.
 *
 * @throws ShapeError when the shapes differ, or an attribute is not a finite number
 * @example ({ weight, momentum } = sgdMomentumUpdate(weight, grad, momentum, { learningRate: 2.5e-4, momentum: 0.9 }))
 */
export function sgdMomentumUpdate<V extends Value>(
  weight: V,
  grad: V,
  mom: V,
  attributes: SgdMomentumUpdateAttributes,
): SgdMomentumUpdateResult<V> {
  const [newWeight, newMom] = apply(sgdMomentumUpdateOperator, [weight, grad, mom], attributes);
  return { weight: newWeight, momentum: newMom };
}
