/**
 * leakyRelu: negative values are scaled down.
 *
 * Formula  out = x where x > 0, else slope · x
 * Source   MXNet LeakyReLU(leaky); the activation of FlowNet, there with slope 0.1.
 * Kinks    0, where the slope is that of the negative side.
 * NaN      Stays NaN.
 *
 * For float32 data the slope is rounded to float32, as in MXNet. For float64 data MXNet multiplies in float32; here the
 * product is taken in float64.
 */
import { roundTo } from './arithmetic.ts';
import { checkFinite } from './checks.ts';
import { elementwiseAdd } from './elementwise-add.ts';
import { elementwiseMul } from './elementwise-mul.ts';
import { heaviside } from './heaviside.ts';
import { mulScalar } from './mul-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { rminusScalar } from './rminus-scalar.ts';

export interface LeakyReluAttributes {
  /** Factor for negative values. Default 0.25. */
  readonly slope?: number;
}

export const leakyReluOperator: Operator<readonly ['data'], LeakyReluAttributes> = {
  name: 'leakyRelu',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { slope: 0.25 },

  shape([data], { slope }) {
    checkFinite('leakyRelu', 'slope', slope);
    return [data];
  },

  forward([out], [data], attributes) {
    const slope = roundTo(data.dtype, attributes.slope);
    for (let i = 0; i < out.data.length; i++) {
      const x = data.data[i]!;
      out.data[i] = x > 0 ? x : slope * x;
    }
  },

  // h + slope · (1 − h) is exactly 1 where h is 1, and exactly the slope where it is 0.
  gradient: ([head], [data], _, { slope }) => [
    () => {
      const positive = heaviside(data);
      const others = rminusScalar(positive, 1);
      return elementwiseMul(head, elementwiseAdd(positive, mulScalar(others, slope)));
    },
  ],
};

/**
 * x where it is positive, slope · x elsewhere, on any shape.
 *
 * @example leakyRelu(convolution(image, weight, bias), { slope: 0.1 })
 */
export function leakyRelu<V extends Value>(data: V, attributes: LeakyReluAttributes = {}): V {
  return apply(leakyReluOperator, [data], attributes)[0];
}
