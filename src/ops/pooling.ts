/**
 * pooling: the largest value, or the mean, of a window that slides over each channel.
 *
 * Formula  max      out[n,c,p,q] = max data[n,c,y,x] over the pixels of window (p, q)
 *          average  out[n,c,p,q] = Σ data[n,c,y,x] over the same pixels, divided by their number and that of the
 *                   positions of the declared padding in the window; overhang beyond the padding does not count
 *          Window (p, q) covers rows p · stride − pad to p · stride − pad + I − 1, and columns alike.
 * Source   MXNet Pooling. Deep Feature Flow: `pool1` (max 3, stride 2, pad 1) of ResNet; the 2 × 2 averages with
 *          convention `full` that halve images and flow; the global mean over the 49 bins of a region.
 * Edges    A max window without a pixel gives the lowest finite float32, an average window without one gives 0.
 *          Both can only occur with convention `full` or with padding as large as the kernel.
 * Gradient max: to the pixel that won. average: in equal shares to the pixels of the window, over the forward divisor.
 * Kinks    max: where pixels tie; the first in row-major order is the one that won.
 * NaN      max: never wins (no comparison with it is true), nor does −∞. average: NaN wherever a window reads it.
 * Letters  N images, C channels, H × W input, P × Q output, I × J window
 */
import { averagePoolingGradient } from './average-pooling-gradient.ts';
import { checkChoice, nchw } from './checks.ts';
import { firstMaximum, LOWEST } from './first-maximum.ts';
import { maxPoolingGradient } from './max-pooling-gradient.ts';
import { apply, type Operator, type Value } from './operator.ts';
import {
  averageDivisor,
  poolingGeometry,
  type PoolingWindowAttributes,
  type WindowExtent,
  windowExtents,
} from './pooling-geometry.ts';
import type { TensorData } from '../tensor/tensor.ts';

export interface PoolingAttributes extends PoolingWindowAttributes {
  readonly type: 'max' | 'average';
  /** Whether positions in the declared padding count in the divisor of an average. Default true. */
  readonly countPadding?: boolean;
}

export const poolingOperator: Operator<readonly ['data'], PoolingAttributes> = {
  name: 'pooling',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { stride: 1, pad: 0, convention: 'valid', global: false, countPadding: true },

  shape([data], attributes) {
    checkChoice('pooling', 'type', attributes.type, ['max', 'average']);
    checkChoice('pooling', 'convention', attributes.convention, ['valid', 'full']);
    const { N, C, P, Q } = poolingGeometry('pooling', data, attributes);
    return [[N, C, P, Q]];
  },

  forward([out], [data], attributes) {
    const geometry = poolingGeometry('pooling', data.shape, attributes);
    const { N, C, H, W } = geometry;
    const { rows, columns } = windowExtents(geometry);
    let i = 0; // walks out[n,c,p,q] in order
    for (let channel = 0; channel < N * C; channel++) {
      const map = channel * H * W;
      for (const row of rows) {
        for (const column of columns) {
          out.data[i++] =
            attributes.type === 'max'
              ? windowMaximum(data.data, map, W, row, column)
              : windowMean(data.data, map, W, row, column, attributes.countPadding);
        }
      }
    }
  },

  gradient([head], [data], _outputs, { type, countPadding, ...window }) {
    const [, , height, width] = nchw('pooling', 'data', data.shape);
    return [
      () =>
        type === 'max'
          ? maxPoolingGradient(data, head, window)
          : averagePoolingGradient(head, { ...window, countPadding, height, width }),
    ];
  },
};

function windowMaximum(
  data: TensorData,
  map: number,
  W: number,
  row: WindowExtent,
  column: WindowExtent,
): number {
  const winner = firstMaximum(data, map, W, row.first, row.end, column.first, column.end);
  return winner < 0 ? LOWEST : data[winner]!;
}

function windowMean(
  data: TensorData,
  map: number,
  W: number,
  row: WindowExtent,
  column: WindowExtent,
  countPadding: boolean,
): number {
  let sum = 0;
  for (let y = row.first; y < row.end; y++) {
    for (let x = column.first; x < column.end; x++) sum += data[map + y * W + x]!;
  }
  const divisor = averageDivisor(row, column, countPadding);
  return divisor > 0 ? sum / divisor : 0;
}

/**
 * Maximum or mean over the windows of data (N, C, H, W).
 *
 * @returns (N, C, P, Q), where P = (H + 2 pad − kernel) / stride + 1, rounded down or, with convention `full`, up, and
 *   Q alike; (N, C, 1, 1) with `global`
 * @throws ShapeError when the kernel is larger than the padded data
 * @example pooling(image, { type: 'average', kernel: 2, stride: 2, convention: 'full' }) // half the size, rounded up
 */
export function pooling<V extends Value>(data: V, attributes: PoolingAttributes): V {
  return apply(poolingOperator, [data], attributes)[0];
}
