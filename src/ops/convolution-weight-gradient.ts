/**
 * convolutionWeightGradient: how a loss changes with the weights of a convolution.
 *
 * Formula  out[o,c,i,j] = Σ_n Σ_p Σ_q head[n,o,p,q] · data[n, c, p·stride − pad + i·dilation, q·stride − pad + j·dilation]
 * Source   the derivative of the sum in convolution.ts. Bilinear, so it can be differentiated again: in `data` it is a
 *          deconvolution, in `head` a convolution.
 * NaN      In either: wherever a product meets it.
 * Letters  N images, C input channels, O filters, H × W input, P × Q output of the convolution, I × J taps
 *
 * As a matrix product: rows are filters, columns are taps (c, i, j), and the depth of the sum are output pixels.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkInteger, checkPair, checkShape, nchw, type Pair, pair } from './checks.ts';
import { convolution, packRows } from './convolution.ts';
import {
  type ConvolutionGeometry,
  convolutionGeometry,
  remainders,
  type WindowAttributes,
} from './convolution-geometry.ts';
import { deconvolution } from './deconvolution.ts';
import { addMatrixProduct, panelPosition } from './matrix-product.ts';
import { apply, type Operator, type Value } from './operator.ts';

export interface ConvolutionWeightGradientAttributes extends WindowAttributes {
  /** Taps of the kernel whose gradient is asked for. */
  readonly kernel: Pair;
}

export const convolutionWeightGradientOperator: Operator<
  readonly ['data', 'head'],
  ConvolutionWeightGradientAttributes
> = {
  name: 'convolutionWeightGradient',
  inputs: ['data', 'head'],
  outputs: ['output'],
  defaults: { stride: 1, pad: 0, dilation: 1, groups: 1 },

  shape([data, head], attributes) {
    const geometry = weightGeometry(data, head, attributes);
    const { N, O, P, Q, I, J, groupC } = geometry;
    checkShape('convolutionWeightGradient', 'head', head, [N, O, P, Q], 'the shape of the convolution');
    return [[O, groupC, I, J]];
  },

  forward([out], [data, head], attributes) {
    const geometry = weightGeometry(data.shape, head.shape, attributes);
    const { N, O, P, Q, I, J, groups, groupC, groupO } = geometry;
    const columns = groupC * I * J;
    for (let n = 0; n < N; n++) {
      for (let g = 0; g < groups; g++) {
        addMatrixProduct(out.data, g * groupO * columns, {
          rows: groupO,
          columns,
          depth: P * Q,
          packLeft: (panels, k0, k1) =>
            packRows(panels, head.data, (n * O + g * groupO) * P * Q, groupO, P * Q, k0, k1),
          packRight: (panels, k0, k1, n0, n1) =>
            packPixelsOfTaps(panels, data, geometry, n, g * groupC, k0, k1, n0, n1),
        });
      }
    }
  },

  multiplyAdds([data, head], attributes) {
    const { N, O, P, Q, I, J, groupC } = weightGeometry(data, head, attributes);
    return N * O * P * Q * groupC * I * J;
  },

  gradient: ([dWeight], [data, head], _, { kernel: _kernel, ...window }) => [
    () =>
      deconvolution(head, dWeight, undefined, {
        ...window,
        adjust: remainders(data.shape, dWeight.shape, window),
      }),
    () => convolution(data, dWeight, undefined, window),
  ],
};

/**
 * Gradient of a convolution in its weight (O, C / groups, I, J), from its data (N, C, H, W) and the gradient `head`
 * (N, O, P, Q) in its output.
 *
 * @throws ShapeError when `head` has not the shape of the convolution's output
 */
export function convolutionWeightGradient<V extends Value>(
  data: V,
  head: V,
  attributes: ConvolutionWeightGradientAttributes,
): V {
  return apply(convolutionWeightGradientOperator, [data, head], attributes)[0];
}

function weightGeometry(
  data: readonly number[],
  head: readonly number[],
  { kernel, ...window }: Required<ConvolutionWeightGradientAttributes>,
): ConvolutionGeometry {
  checkInteger('convolutionWeightGradient', 'groups', window.groups, 1);
  checkPair('convolutionWeightGradient', 'kernel', kernel, 1);
  const [, C] = nchw('convolutionWeightGradient', 'data', data);
  if (C % window.groups !== 0) {
    throw new ShapeError(
      `convolutionWeightGradient: ${C} channels cannot be split into groups (data ${formatShape(data)}, groups ${window.groups})`,
    );
  }
  const [, O] = nchw('convolutionWeightGradient', 'head', head);
  return convolutionGeometry(
    'convolutionWeightGradient',
    data,
    [O, C / window.groups, ...pair(kernel)],
    window,
  );
}

/** Panels of the transposed im2col matrix: depth is output pixels [k0, k1), columns are taps (c, i, j) in [n0, n1). */
function packPixelsOfTaps(
  panels: Float64Array,
  data: Tensor,
  { C, H, W, I, J, Q, strideY, strideX, padY, padX, dilationY, dilationX }: ConvolutionGeometry,
  n: number,
  c0: number,
  k0: number,
  k1: number,
  n0: number,
  n1: number,
): void {
  panels.fill(0);
  for (let column = n0; column < n1; column++) {
    const c = c0 + Math.floor(column / (I * J));
    const i = Math.floor(column / J) % I;
    const j = column % J;
    const plane = (n * C + c) * H;
    for (let k = k0; k < k1; k++) {
      const p = Math.floor(k / Q);
      const y = p * strideY - padY + i * dilationY;
      const x = (k - p * Q) * strideX - padX + j * dilationX;
      if (y < 0 || y >= H || x < 0 || x >= W) continue;
      panels[panelPosition(column - n0, k - k0, k1 - k0)] = data.data[(plane + y) * W + x]!;
    }
  }
}
