/**
 * bilinearSamplerGridGradient: how a loss changes when the sampling positions move.
 *
 * Formula  out[n,0,p,q] = (W − 1)/2 · Σ_c head[n,c,p,q] · (b · (TR − TL) + (1 − b) · (BR − BL))
 *          out[n,1,p,q] = (H − 1)/2 · Σ_c head[n,c,p,q] · (a · (BL − TL) + (1 − a) · (BR − TR))
 *          TL, TR, BL, BR: the four pixels of data[n,c] around the position, 0 outside the map; a = 1 − (X − x0) and
 *          b = 1 − (Y − y0) the weights of the left and the upper ones
 * Source   MXNet BilinearSampler, backward; Deep Feature Flow, Eq. 4. Sums are added up in float64.
 * Kinks    X or Y a whole number: the slope towards larger coordinates.
 * NaN      In one channel of the grid (infinities too): in the other channel of the gradient, and 0 in its own, since no
 *          pixel is read; MXNet's kernel does the same. In the data: where it is read, even with weight 0. In the head: at
 *          that position.
 * Letters  N images, C channels, H × W data, P × Q grid
 *
 * It has no gradient of its own: no operator here gives the sampler's second derivatives.
 */
import type { TensorData } from '../tensor/tensor.ts';
import { checkShape } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { NEIGHBOURS, samplerGeometry, type SampleSites, sampleSites } from './sample-site.ts';

export const bilinearSamplerGridGradientOperator: Operator<readonly ['head', 'data', 'grid']> = {
  name: 'bilinearSamplerGridGradient',
  inputs: ['head', 'data', 'grid'],
  outputs: ['output'],
  defaults: {},

  shape([head, data, grid]) {
    const { N, C, P, Q } = samplerGeometry('bilinearSamplerGridGradient', data, grid);
    checkShape('bilinearSamplerGridGradient', 'head', head, [N, C, P, Q], 'the shape of the samples');
    return [grid];
  },

  forward([out], [head, data, grid]) {
    const { N, C, H, W, P, Q } = samplerGeometry('bilinearSamplerGridGradient', data.shape, grid.shape);
    const slopes = { x: new Float64Array(P * Q), y: new Float64Array(P * Q) };
    for (let n = 0; n < N; n++) {
      const sites = sampleSites(grid, n, H, W);
      slopes.x.fill(0);
      slopes.y.fill(0);
      for (let c = n * C; c < (n + 1) * C; c++) {
        addSlopes(slopes, sites, data.data, c * H * W, head.data, c * P * Q);
      }
      for (let i = 0; i < P * Q; i++) {
        out.data[2 * n * P * Q + i] = (slopes.x[i]! * (W - 1)) / 2;
        out.data[(2 * n + 1) * P * Q + i] = (slopes.y[i]! * (H - 1)) / 2;
      }
    }
  },
};

/** Adds head · ∂sample/∂X and head · ∂sample/∂Y of one channel: its map starts at `map`, its samples at `samples`. */
function addSlopes(
  slopes: { readonly x: Float64Array; readonly y: Float64Array },
  { offsets, weightX, weightY }: SampleSites,
  data: TensorData,
  map: number,
  head: TensorData,
  samples: number,
): void {
  const pixel = (k: number): number => (offsets[k]! < 0 ? 0 : data[map + offsets[k]!]!);
  for (let i = 0; i < weightX.length; i++) {
    const k = NEIGHBOURS * i;
    const [TL, TR, BL, BR] = [pixel(k), pixel(k + 1), pixel(k + 2), pixel(k + 3)];
    const [a, b, g] = [weightX[i]!, weightY[i]!, head[samples + i]!];
    slopes.x[i]! += g * (b * (TR - TL) + (1 - b) * (BR - BL));
    slopes.y[i]! += g * (a * (BL - TL) + (1 - a) * (BR - TR));
  }
}

/**
 * Gradient of a bilinear sampling in its grid, from the gradient `head` (N, C, P, Q) in the samples, the data
 * (N, C, H, W) and the grid (N, 2, P, Q).
 *
 * @returns (N, 2, P, Q), per unit of the grid: half the extent of the map
 * @throws ShapeError when `head` has not the shape of the samples
 * @example bilinearSamplerGridGradient(head, feature, gridGenerator(flow))
 */
export function bilinearSamplerGridGradient<V extends Value>(head: V, data: V, grid: V): V {
  return apply(bilinearSamplerGridGradientOperator, [head, data, grid], {})[0];
}
