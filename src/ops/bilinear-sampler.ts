/**
 * bilinearSampler: read a map between its pixels, at positions that a grid gives.
 *
 * Formula  out[n,c,p,q] = Σ over the four pixels around (Y, X) of weight · data[n,c,·,·], pixels outside count as 0
 *          X = (grid[n,0,p,q] + 1) · (W − 1) / 2,  Y = (grid[n,1,p,q] + 1) · (H − 1) / 2
 *          The weight of a pixel is the product of 1 − its distance along each axis.
 * Source   MXNet BilinearSampler. In float32 the position is rounded step by step, as there.
 * Edges    Each neighbour is tested by itself: samples within one pixel outside the map fade out linearly, those
 *          further out are exactly 0. Nothing is clamped, nothing renormalised.
 * Kinks    X or Y a whole number: the slope towards larger coordinates is taken, as in MXNet.
 * NaN      In the grid (infinities too): NaN at that position and nowhere else. In the data: where it is read, even with
 *          weight 0.
 * Letters  N images, C channels, H × W data, P × Q grid; all channels share one grid
 */
import { bilinearSamplerDataGradient } from './bilinear-sampler-data-gradient.ts';
import { bilinearSamplerGridGradient } from './bilinear-sampler-grid-gradient.ts';
import { nchw } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { NEIGHBOURS, samplerGeometry, sampleSites } from './sample-site.ts';

export const bilinearSamplerOperator: Operator<readonly ['data', 'grid']> = {
  name: 'bilinearSampler',
  inputs: ['data', 'grid'],
  outputs: ['output'],
  defaults: {},

  shape([data, grid]) {
    const { N, C, P, Q } = samplerGeometry('bilinearSampler', data, grid);
    return [[N, C, P, Q]];
  },

  forward([out], [data, grid]) {
    const { N, C, H, W } = samplerGeometry('bilinearSampler', data.shape, grid.shape);
    let i = 0; // walks out[n,c,p,q] in order
    for (let n = 0; n < N; n++) {
      const { offsets, weights } = sampleSites(grid, n, H, W);
      for (let c = 0; c < C; c++) {
        const map = (n * C + c) * H * W;
        for (let site = 0; site < offsets.length; site += NEIGHBOURS) {
          let sum = 0;
          for (let k = site; k < site + NEIGHBOURS; k++) {
            const offset = offsets[k]!;
            sum += weights[k]! * (offset < 0 ? 0 : data.data[map + offset]!);
          }
          out.data[i++] = sum;
        }
      }
    }
  },

  gradient([head], [data, grid]) {
    const [, , height, width] = nchw('bilinearSampler', 'data', data.shape);
    return [
      () => bilinearSamplerDataGradient(head, grid, { height, width }),
      () => bilinearSamplerGridGradient(head, data, grid),
    ];
  },
};

/**
 * Bilinear samples of data (N, C, H, W) at the positions of a grid (N, 2, P, Q): horizontal, then vertical, −1 at the
 * centre of the first pixel and 1 at that of the last. Zero outside.
 *
 * @returns (N, C, P, Q)
 * @throws ShapeError when batch sizes differ or the grid does not have two channels
 * @example bilinearSampler(feature, gridGenerator(flow))
 */
export function bilinearSampler<V extends Value>(data: V, grid: V): V {
  return apply(bilinearSamplerOperator, [data, grid], {})[0];
}
