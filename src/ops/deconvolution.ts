/**
 * deconvolution: the adjoint of convolution. Every input pixel adds a weighted copy of the kernel to the output.
 *
 * Formula  out[n, o, y·stride − pad + i·dilation, x·stride − pad + j·dilation] += data[n,c,y,x] · weight[c,o,i,j],  then + bias[o]
 * Source   MXNet Deconvolution; the upsampling layers of FlowNet (4 × 4, stride 2: 2H + 2 rows, cropped afterwards).
 * NaN      In the data: wherever the kernel of that pixel reaches.
 * Letters  N images, C input channels, O output channels, H × W input, I × J taps
 *
 * The convolution that it is the adjoint of goes from the output of this operator to its input, so the geometry is
 * that convolution's, with the roles exchanged: its O filters are the C channels here.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import type { Tensor, TensorData } from '../tensor/tensor.ts';
import { checkInteger, checkPair, checkShape, nchw, type Pair, pair } from './checks.ts';
import { convolution, fillWithBias, kernelOf } from './convolution.ts';
import {
  type ConvolutionGeometry,
  convolutionGeometry,
  insideRange,
  type WindowAttributes,
} from './convolution-geometry.ts';
import { convolutionWeightGradient } from './convolution-weight-gradient.ts';
import { addMatrixProduct, panelPosition } from './matrix-product.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { sum } from './sum.ts';

export interface DeconvolutionAttributes extends WindowAttributes {
  /** Rows and columns added at the lower and right end, less than the stride: which of the sizes that a strided
   * convolution maps to the input size is meant. Default 0. */
  readonly adjust?: Pair;
}

export const deconvolutionOperator: Operator<readonly ['data', 'weight', 'bias?'], DeconvolutionAttributes> =
  {
    name: 'deconvolution',
    inputs: ['data', 'weight', 'bias?'],
    outputs: ['output'],
    defaults: { stride: 1, pad: 0, dilation: 1, groups: 1, adjust: 0 },

    shape([data, weight, bias], attributes) {
      const shape = outputShape(data, weight, attributes);
      if (bias) checkShape('deconvolution', 'bias', bias, [shape[1]!], 'one value per output channel');
      return [shape];
    },

    forward([out], [data, weight, bias], attributes) {
      deconvolveWindow(out, data, weight, bias, attributes, { full: out.shape, offset: [0, 0] });
    },

    multiplyAdds([data, weight]) {
      const [N, C, H, W] = nchw('deconvolution', 'data', data);
      const [, O, I, J] = nchw('deconvolution', 'weight', weight);
      return N * C * H * W * O * I * J;
    },

    // The convolution that this is the adjoint of leads back; rows added by `adjust` are beyond its last window.
    gradient: ([head], [data, weight, bias], _, { adjust: _adjust, ...window }) => [
      () => convolution(head, weight, undefined, window),
      () => convolutionWeightGradient(head, data, { ...window, kernel: kernelOf(weight) }),
      bias && (() => sum(head, { axes: [0, 2, 3] })),
    ],
  };

/**
 * Deconvolution of data (N, C, H, W) with weight (C, O / groups, I, J) and an optional bias (O).
 *
 * @returns (N, O, P, Q), where P = stride (H − 1) + dilation (I − 1) + 1 − 2 pad + adjust, and Q alike
 * @throws ShapeError when channels, groups or sizes do not fit
 * @example deconvolution(flow, weight, bias, { stride: 2 })
 */
export function deconvolution<V extends Value>(
  data: V,
  weight: V,
  bias?: V,
  attributes: DeconvolutionAttributes = {},
): V {
  return apply(deconvolutionOperator, [data, weight, bias], attributes)[0];
}

/**
 * Fills `out` with a window of a deconvolution: `full` is the shape of the whole of it, of which only what the window
 * shows is added up.
 */
export function deconvolveWindow(
  out: Tensor,
  data: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  attributes: Required<DeconvolutionAttributes>,
  window: { readonly full: Shape; readonly offset: readonly [top: number, left: number] },
): void {
  const whole = convolutionGeometry('deconvolution', window.full, weight.shape, attributes);
  const { N, I, J, P, Q, groups, groupC: outputs, groupO: inputs } = whole;
  const [, , H, W] = nchw('deconvolution', 'output', out.shape);
  const [top, left] = window.offset;
  // A window is a smaller map with more padding before it.
  const adjoint = { ...whole, H, W, padY: whole.padY + top, padX: whole.padX + left };
  if (bias) fillWithBias(out, bias);
  const rows = outputs * I * J;
  const taps = new Float64Array(rows * P * Q); // one row per tap (o, i, j), one column per input pixel
  for (let n = 0; n < N; n++) {
    for (let g = 0; g < groups; g++) {
      taps.fill(0);
      addMatrixProduct(taps, 0, {
        rows,
        columns: P * Q,
        depth: inputs,
        packLeft: (panels, k0, k1) => packTransposed(panels, weight.data, g * inputs * rows, rows, k0, k1),
        packRight: (panels, k0, k1, n0, n1) =>
          packPixels(panels, data.data, (n * groups + g) * inputs * P * Q, P * Q, k0, k1, n0, n1),
      });
      scatterTaps(out, taps, adjoint, n, g * outputs);
    }
  }
}

function outputShape(data: Shape, weight: Shape, attributes: Required<DeconvolutionAttributes>): Shape {
  const [N, C, H, W] = nchw('deconvolution', 'data', data);
  const [weightC, groupO, I, J] = nchw('deconvolution', 'weight', weight);
  const { stride, pad, dilation, groups, adjust } = attributes;
  checkPair('deconvolution', 'stride', stride, 1);
  checkPair('deconvolution', 'pad', pad, 0);
  checkPair('deconvolution', 'dilation', dilation, 1);
  checkPair('deconvolution', 'adjust', adjust, 0);
  checkInteger('deconvolution', 'groups', groups, 1);
  const shapes = `(data ${formatShape(data)}, weight ${formatShape(weight)}, groups ${groups})`;
  if (weightC !== C || C % groups !== 0) {
    throw new ShapeError(`deconvolution: weight has ${weightC} input channels, data has ${C} ${shapes}`);
  }
  if (H === 0 || W === 0 || I === 0 || J === 0) {
    throw new ShapeError(`deconvolution: data and kernel need at least one row and column ${shapes}`);
  }
  const size = (axis: 0 | 1, pixels: number, taps: number): number =>
    pair(stride)[axis] * (pixels - 1) +
    pair(dilation)[axis] * (taps - 1) +
    1 -
    2 * pair(pad)[axis] +
    pair(adjust)[axis];
  if (pair(adjust)[0] >= pair(stride)[0] || pair(adjust)[1] >= pair(stride)[1]) {
    throw new ShapeError(`deconvolution: adjust is ${JSON.stringify(adjust)}, expected less than the stride`);
  }
  const shape = [N, groupO * groups, size(0, H, I), size(1, W, J)];
  if (shape[2]! > 0 && shape[3]! > 0) return shape;
  throw new ShapeError(`deconvolution: the padding leaves no output ${shapes}; pad less`);
}

/** Panels of the transpose of a row-major matrix (depth × rows): its depth [k0, k1), all rows. */
function packTransposed(
  panels: Float64Array,
  matrix: TensorData,
  start: number,
  rows: number,
  k0: number,
  k1: number,
): void {
  for (let k = k0; k < k1; k++) {
    for (let m = 0; m < rows; m++) panels[panelPosition(m, k - k0, k1 - k0)] = matrix[start + k * rows + m]!;
  }
}

/** Panels of a row-major matrix (depth × columns): depth [k0, k1), columns [n0, n1). */
function packPixels(
  panels: Float64Array,
  matrix: TensorData,
  start: number,
  columns: number,
  k0: number,
  k1: number,
  n0: number,
  n1: number,
): void {
  for (let k = k0; k < k1; k++) {
    for (let n = n0; n < n1; n++) {
      panels[panelPosition(n - n0, k - k0, k1 - k0)] = matrix[start + k * columns + n]!;
    }
  }
}

/** Adds each tap's products to the output pixels that it reaches ("col2im"). */
function scatterTaps(
  out: Tensor,
  taps: Float64Array,
  adjoint: ConvolutionGeometry,
  n: number,
  o0: number,
): void {
  const { C, H, W, I, J, P, Q, groupC, strideY, strideX, padY, padX, dilationY, dilationX } = adjoint;
  for (let o = 0; o < groupC; o++) {
    for (let i = 0; i < I; i++) {
      const [p0, p1] = insideRange(H, P, i, strideY, padY, dilationY);
      for (let j = 0; j < J; j++) {
        const [q0, q1] = insideRange(W, Q, j, strideX, padX, dilationX);
        for (let p = p0; p < p1; p++) {
          const y = p * strideY - padY + i * dilationY;
          const row = ((n * C + o0 + o) * H + y) * W - padX + j * dilationX;
          const tap = (((o * I + i) * J + j) * P + p) * Q;
          for (let q = q0; q < q1; q++) out.data[row + q * strideX]! += taps[tap + q]!;
        }
      }
    }
  }
}
