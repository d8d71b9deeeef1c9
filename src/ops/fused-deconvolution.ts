/**
 * fusedDeconvolution: a deconvolution, the window that is cut from it and the activation behind, as one operator.
 *
 * Formula  out[n,o,y,x] = f(deconvolution(data, weight, bias)[n, o, y + offset_y, x + offset_x]) for a window of `size`
 *          f(v) = v where v > 0, else slope · v
 * Source   What the pass fuseDeconvolution makes of FlowNet's upsampling: the border that a crop removes need not be
 *          computed.
 * Bits     Those of the operators it stands for.
 * Kinks    Where the deconvolution is 0, as in relu and leakyRelu.
 * NaN      As in deconvolution; the activation keeps it.
 * Letters  N images, C input channels, O output channels, H × W input, I × J taps, P × Q window
 */
import type { Shape } from '../tensor/shape.ts';
import { activate, type ActivationAttributes, checkSlope, gradientThroughActivation } from './activation.ts';
import { checkPair, type Pair, pair } from './checks.ts';
import { cropOperator } from './crop.ts';
import { type DeconvolutionAttributes, deconvolutionOperator, deconvolveWindow } from './deconvolution.ts';
import { embed } from './embed.ts';
import { apply, type Operator, type Value } from './operator.ts';

export interface FusedDeconvolutionAttributes extends DeconvolutionAttributes, ActivationAttributes {
  /** Rows above and columns left of the window. Default 0. */
  readonly offset?: Pair;
  /** Rows and columns of the window, which are those of the result. */
  readonly size: Pair;
}

type Attributes = Required<FusedDeconvolutionAttributes>;

/** The attributes of the deconvolution alone. */
const layerOf = ({
  stride,
  pad,
  dilation,
  groups,
  adjust,
}: Attributes): Required<DeconvolutionAttributes> => ({
  stride,
  pad,
  dilation,
  groups,
  adjust,
});

/** The shape before the window is cut. */
function fullShape(data: Shape, weight: Shape, bias: Shape | undefined, attributes: Attributes): Shape {
  return deconvolutionOperator.shape([data, weight, bias], layerOf(attributes))[0];
}

export const fusedDeconvolutionOperator: Operator<
  readonly ['data', 'weight', 'bias?'],
  FusedDeconvolutionAttributes
> = {
  name: 'fusedDeconvolution',
  inputs: ['data', 'weight', 'bias?'],
  outputs: ['output'],
  defaults: { stride: 1, pad: 0, dilation: 1, groups: 1, adjust: 0, offset: 0, slope: 1 },

  shape([data, weight, bias], attributes) {
    const { offset, size, slope } = attributes;
    const full = fullShape(data, weight, bias, attributes);
    checkPair('fusedDeconvolution', 'size', size, 1);
    checkSlope('fusedDeconvolution', slope);
    return cropOperator.shape([full, [...full.slice(0, 2), ...pair(size)]], { offset });
  },

  forward([out], [data, weight, bias], attributes) {
    const { offset, slope } = attributes;
    const full = fullShape(data.shape, weight.shape, bias?.shape, attributes);
    deconvolveWindow(out, data, weight, bias, layerOf(attributes), { full, offset: pair(offset) });
    activate(out, slope);
  },

  multiplyAdds: ([data, weight, bias], attributes) =>
    deconvolutionOperator.multiplyAdds!([data, weight, bias], layerOf(attributes)),

  gradient([head], [data, weight, bias], [out], attributes) {
    const { offset, slope } = attributes;
    const inner = embed(gradientThroughActivation(head, out, slope), {
      shape: fullShape(data.shape, weight.shape, bias?.shape, attributes),
      begin: [0, 0, ...pair(offset)],
    });
    return deconvolutionOperator.gradient!([inner], [data, weight, bias], [inner], layerOf(attributes));
  },
};

/**
 * Deconvolution of data (N, C, H, W) with weight (C, O / groups, I, J) and an optional bias (O), of which a window of
 * `size` at `offset` is kept, and an activation.
 *
 * @returns (N, O, P, Q) for a size of P × Q
 * @throws ShapeError when channels, groups or sizes do not fit, the window reaches beyond the deconvolution, or the slope
 *   is negative
 * @example fusedDeconvolution(x, weight, bias, { stride: 2, offset: 1, size: [36, 63], slope: 0.1 })
 */
export function fusedDeconvolution<V extends Value>(
  data: V,
  weight: V,
  bias: V | undefined,
  attributes: FusedDeconvolutionAttributes,
): V {
  return apply(fusedDeconvolutionOperator, [data, weight, bias], attributes)[0];
}
