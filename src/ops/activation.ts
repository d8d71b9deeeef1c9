/**
 * The activation of fused operators: positive values stay, others are multiplied by a slope of at least 0. Slope 1 is no
 * activation, 0 is relu, anything else is leakyRelu; the kernels and gradients are theirs.
 *
 * With such a slope an output is positive exactly where the input is, so the gradient needs the output only.
 */
import type { Tensor } from '../tensor/tensor.ts';
import { checkNumber } from './checks.ts';
import { leakyReluOperator } from './leaky-relu.ts';
import type { Value } from './operator.ts';
import { reluOperator } from './relu.ts';

export interface ActivationAttributes {
  /** Factor for values that are not positive, at least 0: 1 leaves them alone, 0 is relu. Default 1. */
  readonly slope?: number;
}

export function checkSlope(operator: string, slope: number): void {
  checkNumber(operator, 'slope', slope, 0);
}

/** Applies the activation in place. */
export function activate(out: Tensor, slope: number): void {
  if (slope === 0) reluOperator.forward([out], [out], {});
  else if (slope !== 1) leakyReluOperator.forward([out], [out], { slope });
}

/** The gradient before the activation, from the gradient behind it and its output. */
export function gradientThroughActivation<V extends Value>(head: V, out: V, slope: number): V {
  if (slope === 1) return head;
  const [gradient] =
    slope === 0
      ? reluOperator.gradient!([head], [out], [out], {})
      : leakyReluOperator.gradient!([head], [out], [out], { slope });
  return gradient!();
}
