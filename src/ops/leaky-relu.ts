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
import { apply, checkFinite, type Operator, type Value } from './operator.ts';

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
};

/**
 * x where it is positive, slope · x elsewhere, on any shape.
 *
 * @example leakyRelu(convolution(image, weight, bias), { slope: 0.1 })
 */
export function leakyRelu<V extends Value>(data: V, attributes: LeakyReluAttributes = {}): V {
  return apply(leakyReluOperator, [data], attributes)[0];
}
