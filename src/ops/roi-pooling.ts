/**
 * roiPooling: the largest value in each bin of a region.
 *
 * Formula  out[r,c,i,j] = max of data[n,c,y,x] over the cells (y, x) of bin (i, j) of ROI r; an empty bin gives 0.
 *          The bins: `roiPoolingBins`.
 * Source   Fast R-CNN; MXNet ROIPooling. Not part of Deep Feature Flow, which pools position-sensitively.
 * Gradient To the data; the ROIs get none, as in MXNet.
 * Kinks    Equal largest values: the first in row-major order counts as the maximum.
 * NaN      In the data: never the largest; a bin of nothing but NaN (or −∞) gives the lowest finite float32, as in
 *          MXNet. In a ROI: its bins are empty, hence 0.
 * Letters  N images, C channels, H × W map, R ROIs, P × Q bins
 */
import { firstMaximum, LOWEST } from './first-maximum.ts';
import { apply, type Operator, type Value } from './operator.ts';
import {
  roiPoolingGeometry,
  type RoiPoolingAttributes,
  visitRoiPoolingBins,
} from './roi-pooling-geometry.ts';
import { roiPoolingGradient } from './roi-pooling-gradient.ts';

export type { RoiPoolingAttributes } from './roi-pooling-geometry.ts';

export const roiPoolingOperator: Operator<readonly ['data', 'rois'], RoiPoolingAttributes> = {
  name: 'roiPooling',
  inputs: ['data', 'rois'],
  outputs: ['output'],
  defaults: {},

  shape([data, rois], attributes) {
    const { C, R, P, Q } = roiPoolingGeometry(data, rois, attributes);
    return [[R, C, P, Q]];
  },

  forward([out], [data, rois], attributes) {
    const geometry = roiPoolingGeometry(data.shape, rois.shape, attributes);
    visitRoiPoolingBins(rois, geometry, attributes.spatialScale, (o, map, y0, y1, x0, x1) => {
      const winner = firstMaximum(data.data, map, geometry.W, y0, y1, x0, x1);
      out.data[o] = winner < 0 ? LOWEST : data.data[winner]!;
    });
  },

  gradient: ([head], [data, rois], _outputs, attributes) => [
    () => roiPoolingGradient(data, rois, head, attributes),
    null,
  ],
};

/**
 * Max pooling of data (N, C, H, W) over ROIs (R, 5): rows (image, x1, y1, x2, y2) in image pixels. A ROI whose image
 * index is outside the batch gives zeros.
 *
 * @returns (R, C, P, Q) for `pooledSize` [P, Q]
 * @throws ShapeError when the ROIs have other than five columns
 * @example roiPooling(feature, rois, { spatialScale: 1 / 16, pooledSize: 7 })
 */
export function roiPooling<V extends Value>(data: V, rois: V, attributes: RoiPoolingAttributes): V {
  return apply(roiPoolingOperator, [data, rois], attributes)[0];
}
