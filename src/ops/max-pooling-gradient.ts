/**
 * maxPoolingGradient: how a loss changes with the data of a max pooling.
 *
 * Formula  out[n,c,y,x] = Σ head[n,c,p,q] over the windows (p, q) whose largest value is data[n,c,y,x]
 * Source   MXNet Pooling, backward. Sums are added up in float64.
 * Kinks    Where pixels of a window tie, everything goes to the first in row-major order (cuDNN's choice is its own).
 * NaN      In the data: never the largest, so it gets 0; a window of nothing but NaN and −∞ passes nothing on.
 * Letters  N images, C channels, H × W data, P × Q windows
 *
 * It has no gradient of its own: that would gather at the winners, which no operator here does.
 */
import { checkChoice, checkShape } from './checks.ts';
import { firstMaximum } from './first-maximum.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { poolingGeometry, type PoolingWindowAttributes, windowExtents } from './pooling-geometry.ts';

export const maxPoolingGradientOperator: Operator<readonly ['data', 'head'], PoolingWindowAttributes> = {
  name: 'maxPoolingGradient',
  inputs: ['data', 'head'],
  outputs: ['output'],
  defaults: { stride: 1, pad: 0, convention: 'valid', global: false },

  shape([data, head], attributes) {
    checkChoice('maxPoolingGradient', 'convention', attributes.convention, ['valid', 'full']);
    const { N, C, P, Q } = poolingGeometry('maxPoolingGradient', data, attributes);
    checkShape('maxPoolingGradient', 'head', head, [N, C, P, Q], 'the shape of the pooling');
    return [data];
  },

  forward([out], [data, head], attributes) {
    const geometry = poolingGeometry('maxPoolingGradient', data.shape, attributes);
    const { N, C, H, W } = geometry;
    const { rows, columns } = windowExtents(geometry);
    const totals = new Float64Array(H * W);
    let i = 0; // walks head[n,c,p,q] in order
    for (let map = 0; map < N * C * H * W; map += H * W) {
      totals.fill(0);
      for (const row of rows) {
        for (const column of columns) {
          const winner = firstMaximum(data.data, map, W, row.first, row.end, column.first, column.end);
          if (winner >= 0) totals[winner - map]! += head.data[i]!;
          i++;
        }
      }
      out.data.set(totals, map);
    }
  },
};

/**
 * Gradient of a max pooling in its data (N, C, H, W), from the data and the gradient `head` (N, C, P, Q) in its output.
 * The attributes are those of the pooling.
 *
 * @throws ShapeError when `head` has not the shape of the pooling's output
 * @example maxPoolingGradient(data, head, { kernel: 3, stride: 2, pad: 1 })
 */
export function maxPoolingGradient<V extends Value>(
  data: V,
  head: V,
  attributes: PoolingWindowAttributes,
): V {
  return apply(maxPoolingGradientOperator, [data, head], attributes)[0];
}
