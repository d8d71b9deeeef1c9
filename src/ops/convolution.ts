/**
 * convolution: every output pixel is a weighted sum over a window of the input.
 *
 * Formula  out[n,o,p,q] = bias[o] + Σ_c Σ_i Σ_j weight[o,c,i,j] · data[n, c, p·stride − pad + i·dilation, q·stride − pad + j·dilation]
 *          Positions outside the input count as 0. No kernel flip (cross-correlation).
 * Source   MXNet Convolution; the network layers of Deep Feature Flow, section 4.
 * NaN      In the data: wherever a window with any weight reads it, since NaN · 0 is NaN.
 * Letters  N images, C input channels, O filters, H × W input, P × Q output, I × J taps, K = C·I·J depth of the sum
 *
 * As a matrix product: weight is an O × K matrix, and each output pixel is the column of the K input values that its
 * window reads (the "im2col" matrix, of which only small blocks ever exist).
 */
import type { Tensor, TensorData } from '../tensor/tensor.ts';
import { checkShape, nchw } from './checks.ts';
import {
  type ConvolutionGeometry,
  convolutionGeometry,
  insideRange,
  remainders,
  type WindowAttributes,
} from './convolution-geometry.ts';
import { convolutionWeightGradient } from './convolution-weight-gradient.ts';
import { deconvolution } from './deconvolution.ts';
import { addMatrixProduct, PANEL, panelPosition } from './matrix-product.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { sum } from './sum.ts';

export type ConvolutionAttributes = WindowAttributes;

export const convolutionOperator: Operator<readonly ['data', 'weight', 'bias?'], ConvolutionAttributes> = {
  name: 'convolution',
  inputs: ['data', 'weight', 'bias?'],
  outputs: ['output'],
  defaults: { stride: 1, pad: 0, dilation: 1, groups: 1 },

  shape([data, weight, bias], attributes) {
    const { N, O, P, Q } = convolutionGeometry('convolution', data, weight, attributes);
    if (bias) checkShape('convolution', 'bias', bias, [O], 'one value per filter');
    return [[N, O, P, Q]];
  },

  forward([out], [data, weight, bias], attributes) {
    const geometry = convolutionGeometry('convolution', data.shape, weight.shape, attributes);
    const { N, O, P, Q, I, J, groups, groupC, groupO } = geometry;
    if (bias) fillWithBias(out, bias);
    const depth = groupC * I * J;
    for (let n = 0; n < N; n++) {
      for (let g = 0; g < groups; g++) {
        addMatrixProduct(out.data, (n * O + g * groupO) * P * Q, {
          rows: groupO,
          columns: P * Q,
          depth,
          packLeft: (panels, k0, k1) =>
            packRows(panels, weight.data, g * groupO * depth, groupO, depth, k0, k1),
          packRight: (panels, k0, k1, n0, n1) =>
            packWindows(panels, data, geometry, n, g * groupC, k0, k1, n0, n1),
        });
      }
    }
  },

  multiplyAdds([data, weight], attributes) {
    const { N, O, P, Q, I, J, groupC } = convolutionGeometry('convolution', data, weight, attributes);
    return N * O * P * Q * groupC * I * J;
  },

  gradient: ([head], [data, weight, bias], _, attributes) => [
    () =>
      deconvolution(head, weight, undefined, {
        ...attributes,
        adjust: remainders(data.shape, weight.shape, attributes),
      }),
    () => convolutionWeightGradient(data, head, { ...attributes, kernel: kernelOf(weight) }),
    bias && (() => sum(head, { axes: [0, 2, 3] })),
  ],
};

/** Height and width of a weight's kernel. */
export function kernelOf(weight: Value): readonly [number, number] {
  const [, , I, J] = nchw('convolution', 'weight', weight.shape);
  return [I, J];
}

/**
 * Convolution of data (N, C, H, W) with weight (O, C / groups, I, J) and an optional bias (O).
 *
 * @returns (N, O, P, Q), where P = ⌊(H + 2 pad − dilation (I − 1) − 1) / stride⌋ + 1, and Q alike
 * @throws ShapeError when channels, groups or sizes do not fit
 * @example convolution(image, weight, bias, { stride: 2, pad: 3 })
 */
export function convolution<V extends Value>(
  data: V,
  weight: V,
  bias?: V,
  attributes: ConvolutionAttributes = {},
): V {
  return apply(convolutionOperator, [data, weight, bias], attributes)[0];
}

/** Starts every output map at its bias. */
export function fillWithBias(out: Tensor, bias: Tensor): void {
  const [N = 0, O = 0, P = 0, Q = 0] = out.shape;
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      const start = (n * O + o) * P * Q;
      out.data.fill(bias.data[o]!, start, start + P * Q);
    }
  }
}

/** Panels of a row-major matrix: its rows [0, rows), depth [k0, k1). */
export function packRows(
  panels: Float64Array,
  matrix: TensorData,
  start: number,
  rows: number,
  depth: number,
  k0: number,
  k1: number,
): void {
  for (let m = 0; m < rows; m++) {
    const row = start + m * depth;
    let position = panelPosition(m, 0, k1 - k0);
    for (let k = k0; k < k1; k++, position += PANEL) panels[position] = matrix[row + k]!;
  }
}

/** Panels of the im2col matrix of image n from channel c0 on: row k is tap (c, i, j), column is output pixel (p, q). */
function packWindows(
  panels: Float64Array,
  data: Tensor,
  geometry: ConvolutionGeometry,
  n: number,
  c0: number,
  k0: number,
  k1: number,
  n0: number,
  n1: number,
): void {
  const { C, H, W, I, J, Q, strideY, strideX, padY, padX, dilationY, dilationX } = geometry;
  const depth = k1 - k0;
  panels.fill(0); // windows read zeros outside the image
  for (let k = k0; k < k1; k++) {
    const c = c0 + Math.floor(k / (I * J));
    const i = Math.floor(k / J) % I;
    const j = k % J;
    const [first, end] = insideRange(W, Q, j, strideX, padX, dilationX);
    for (let p = Math.floor(n0 / Q); p * Q < n1; p++) {
      const y = p * strideY - padY + i * dilationY;
      if (y < 0 || y >= H) continue;
      const from = Math.max(p * Q + first, n0);
      const to = Math.min(p * Q + end, n1);
      let source = ((n * C + c) * H + y) * W + (from - p * Q) * strideX - padX + j * dilationX;
      for (let column = from - n0; column < to - n0; column++, source += strideX) {
        const lane = column & (PANEL - 1); // panelPosition, kept simple for the innermost loop
        panels[(column - lane) * depth + (k - k0) * PANEL + lane] = data.data[source]!;
      }
    }
  }
}
