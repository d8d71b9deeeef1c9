/**
 * bilinearSamplerDataGradient: the adjoint of bilinear sampling. Every sample is handed back to the pixels it was read
 * from, with the weights it was read with.
 *
 * Formula  out[n,c,y,x] = Σ_p Σ_q head[n,c,p,q] · weight of pixel (y, x) in sample (p, q), as in bilinear-sampler.ts
 *          What went to pixels outside the map is lost.
 * Source   MXNet BilinearSampler, backward. Positions are rounded as in the forward pass; sums are added up in float64.
 * Gradient In the head it is the sampler itself; in the grid it is the sampler's, with head and data exchanged.
 * NaN      In the grid (infinities too): that sample is handed back nowhere. In the head: at the pixels of its sample.
 * Letters  N images, C channels, H × W pixels (`height`, `width`), P × Q grid
 */
import { bilinearSampler } from './bilinear-sampler.ts';
import { bilinearSamplerGridGradient } from './bilinear-sampler-grid-gradient.ts';
import { checkInteger, checkShape, nchw } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { NEIGHBOURS, samplerGeometry, sampleSites } from './sample-site.ts';

export interface BilinearSamplerDataGradientAttributes {
  /** Rows of the data that was sampled. */
  readonly height: number;
  /** Columns of the data that was sampled. */
  readonly width: number;
}

export const bilinearSamplerDataGradientOperator: Operator<
  readonly ['head', 'grid'],
  BilinearSamplerDataGradientAttributes
> = {
  name: 'bilinearSamplerDataGradient',
  inputs: ['head', 'grid'],
  outputs: ['output'],
  defaults: {},

  shape([head, grid], { height, width }) {
    const operator = 'bilinearSamplerDataGradient';
    checkInteger(operator, 'height', height, 0);
    checkInteger(operator, 'width', width, 0);
    const [headN, headC] = nchw(operator, 'head', head);
    const { N, C, P, Q } = samplerGeometry(operator, [headN, headC, height, width], grid);
    checkShape(operator, 'head', head, [N, C, P, Q], 'the shape of the samples');
    return [[N, C, height, width]];
  },

  forward([out], [head, grid], { height, width }) {
    const [N = 0, C = 0] = head.shape;
    const totals = new Float64Array(height * width);
    let i = 0; // walks head[n,c,p,q] in order
    for (let n = 0; n < N; n++) {
      const { offsets, weights } = sampleSites(grid, n, height, width);
      for (let c = 0; c < C; c++) {
        totals.fill(0);
        for (let site = 0; site < offsets.length; site += NEIGHBOURS, i++) {
          for (let k = site; k < site + NEIGHBOURS; k++) {
            if (offsets[k]! >= 0) totals[offsets[k]!]! += weights[k]! * head.data[i]!;
          }
        }
        out.data.set(totals, (n * C + c) * height * width);
      }
    }
  },

  gradient: ([dData], [head, grid]) => [
    () => bilinearSampler(dData, grid),
    () => bilinearSamplerGridGradient(head, dData, grid),
  ],
};

/**
 * Gradient of a bilinear sampling in its data, from the gradient `head` (N, C, P, Q) in the samples and their grid
 * (N, 2, P, Q).
 *
 * @returns (N, C, height, width)
 * @throws ShapeError when `head` has not the shape of the samples
 * @example bilinearSamplerDataGradient(head, gridGenerator(flow), { height: 38, width: 63 })
 */
export function bilinearSamplerDataGradient<V extends Value>(
  head: V,
  grid: V,
  attributes: BilinearSamplerDataGradientAttributes,
): V {
  return apply(bilinearSamplerDataGradientOperator, [head, grid], attributes)[0];
}
