/**
 * roiPoolingGradient: how a loss changes with the data of a ROI max pooling.
 *
 * Formula  out[n,c,y,x] = Σ head[r,c,i,j] over the bins (i, j) of ROIs r whose largest value is data[n,c,y,x]
 * Source   MXNet ROIPooling, backward. The bins: `roiPoolingBins`. Sums are added up in float64.
 * Kinks    Where cells of a bin tie, everything goes to the first in row-major order.
 * NaN      In the data: never the largest; a bin of nothing but NaN and −∞ passes nothing on. In a ROI: its bins are empty.
 * Letters  N images, C channels, H × W map, R ROIs, P × Q bins
 *
 * It has no gradient of its own: that would gather at the winners, which no operator here does.
 */
import { checkShape } from './checks.ts';
import { firstMaximum } from './first-maximum.ts';
import { apply, type Operator, type Value } from './operator.ts';
import {
  type RoiPoolingAttributes,
  roiPoolingGeometry,
  visitRoiPoolingBins,
} from './roi-pooling-geometry.ts';

export const roiPoolingGradientOperator: Operator<readonly ['data', 'rois', 'head'], RoiPoolingAttributes> = {
  name: 'roiPoolingGradient',
  inputs: ['data', 'rois', 'head'],
  outputs: ['output'],
  defaults: {},

  shape([data, rois, head], attributes) {
    const { C, R, P, Q } = roiPoolingGeometry(data, rois, attributes, 'roiPoolingGradient');
    checkShape('roiPoolingGradient', 'head', head, [R, C, P, Q], 'the shape of the pooling');
    return [data];
  },

  forward([out], [data, rois, head], attributes) {
    const geometry = roiPoolingGeometry(data.shape, rois.shape, attributes, 'roiPoolingGradient');
    const totals = new Float64Array(out.data.length);
    visitRoiPoolingBins(rois, geometry, attributes.spatialScale, (o, map, y0, y1, x0, x1) => {
      const winner = firstMaximum(data.data, map, geometry.W, y0, y1, x0, x1);
      if (winner >= 0) totals[winner]! += head.data[o]!;
    });
    out.data.set(totals);
  },
};

/**
 * Gradient of a ROI max pooling in its data (N, C, H, W), from the data, the ROIs (R, 5) and the gradient `head`
 * (R, C, P, Q) in its output. The attributes are those of the pooling.
 *
 * @throws ShapeError when `head` has not the shape of the pooling's output
 * @example roiPoolingGradient(feature, rois, head, { spatialScale: 1 / 16, pooledSize: 7 })
 */
export function roiPoolingGradient<V extends Value>(
  data: V,
  rois: V,
  head: V,
  attributes: RoiPoolingAttributes,
): V {
  return apply(roiPoolingGradientOperator, [data, rois, head], attributes)[0];
}
