/**
 * fusedConvolution: a convolution, the sum with a shortcut and the activation behind them, as one operator.
 *
 * Formula  out = f(convolution(data, weight, bias) + residual),  f(x) = x where x > 0, else slope · x
 * Source   What the pass fuseConvolution makes of the layers of ResNet and FlowNet: two passes over the map fewer.
 * Bits     Those of the operators it stands for: the reference computes them one after the other, in place.
 * Kinks    Where the sum is 0, as in relu and leakyRelu.
 * NaN      As in convolution; the activation keeps it.
 * Letters  N images, C input channels, O filters, H × W input, P × Q output, I × J taps
 */
import { activate, type ActivationAttributes, checkSlope, gradientThroughActivation } from './activation.ts';
import { add, combine } from './arithmetic.ts';
import { checkShape } from './checks.ts';
import { convolutionGeometry, type WindowAttributes } from './convolution-geometry.ts';
import { convolutionOperator } from './convolution.ts';
import { apply, type Operator, type Value } from './operator.ts';

export interface FusedConvolutionAttributes extends WindowAttributes, ActivationAttributes {}

export const fusedConvolutionOperator: Operator<
  readonly ['data', 'weight', 'bias?', 'residual?'],
  FusedConvolutionAttributes
> = {
  name: 'fusedConvolution',
  inputs: ['data', 'weight', 'bias?', 'residual?'],
  outputs: ['output'],
  defaults: { stride: 1, pad: 0, dilation: 1, groups: 1, slope: 1 },

  shape([data, weight, bias, residual], { slope, ...window }) {
    const { N, O, P, Q } = convolutionGeometry('fusedConvolution', data, weight, window);
    checkSlope('fusedConvolution', slope);
    const out = [N, O, P, Q];
    if (bias) {
      checkShape('fusedConvolution', 'bias', bias, [O], 'one value per filter; a residual comes behind it');
    }
    if (residual) checkShape('fusedConvolution', 'residual', residual, out, 'the shape of the result');
    return [out];
  },

  forward([out], [data, weight, bias, residual], { slope, ...window }) {
    convolutionOperator.forward([out], [data, weight, bias], window);
    if (residual) combine(add, out, out, residual);
    activate(out, slope);
  },

  multiplyAdds: ([data, weight, bias], attributes) =>
    convolutionOperator.multiplyAdds!([data, weight, bias], attributes),

  gradient([head], [data, weight, bias, residual], [out], { slope, ...window }) {
    const inner = gradientThroughActivation(head, out, slope);
    const layer = convolutionOperator.gradient!([inner], [data, weight, bias], [out], window);
    return [...layer, residual && (() => inner)];
  },
};

/**
 * Convolution of data (N, C, H, W) with weight (O, C / groups, I, J), an optional bias (O), an optional residual of the
 * shape of the result, for which there must be a bias, and an activation.
 *
 * @returns (N, O, P, Q), as `convolution`
 * @throws ShapeError when channels, groups, sizes or the residual do not fit, or the slope is negative
 * @example fusedConvolution(x, weight, bias, shortcut, { slope: 0 }) // relu(convolution(x, weight, bias) + shortcut)
 */
export function fusedConvolution<V extends Value>(
  data: V,
  weight: V,
  bias?: V,
  residual?: V,
  attributes: FusedConvolutionAttributes = {},
): V {
  return apply(fusedConvolutionOperator, [data, weight, bias, residual], attributes)[0];
}
