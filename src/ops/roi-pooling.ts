/**
 * roiPooling: the largest value in each bin of a region.
 *
 * Formula  out[r,c,i,j] = max of data[n,c,y,x] over the cells (y, x) of bin (i, j) of ROI r; an empty bin gives 0.
 *          The bins: `roiPoolingBins`.
 * Source   Fast R-CNN; MXNet ROIPooling. Not part of Deep Feature Flow, which pools position-sensitively.
 * Kinks    Equal largest values: the first in row-major order counts as the maximum.
 * NaN      In the data: never the largest; a bin of nothing but NaN (or −∞) gives the lowest finite float32, as in
 *          MXNet. In a ROI: its bins are empty, hence 0.
 * Letters  N images, C channels, H × W map, R ROIs, P × Q bins
 */
import type { TensorData } from '../tensor/tensor.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { roiPoolingBins, roiPoolingGeometry, type RoiPoolingAttributes } from './roi-pooling-geometry.ts';
import { roiImage } from './roi.ts';

export type { RoiPoolingAttributes } from './roi-pooling-geometry.ts';

/** The lowest finite float32. */
const LOWEST = -(2 - 2 ** -23) * 2 ** 127;

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
    const { N, C, H, W, R, P, Q } = roiPoolingGeometry(data.shape, rois.shape, attributes);
    const rows = new Int32Array(2 * P);
    const columns = new Int32Array(2 * Q);
    for (let r = 0; r < R; r++) {
      const n = roiImage(rois, r, N);
      if (n < 0) continue; // stays zero
      const corner = (k: number): number => rois.data[5 * r + k]!;
      roiPoolingBins(columns, corner(1), corner(3), attributes.spatialScale, W);
      roiPoolingBins(rows, corner(2), corner(4), attributes.spatialScale, H);
      let o = r * C * P * Q; // walks out[r,c,i,j] in order
      for (let c = 0; c < C; c++) {
        const map = (n * C + c) * H * W;
        for (let i = 0; i < P; i++) {
          for (let j = 0; j < Q; j++, o++) {
            const [top, end] = [rows[2 * i]!, rows[2 * i + 1]!];
            out.data[o] = binMaximum(data.data, map, W, top, end, columns[2 * j]!, columns[2 * j + 1]!);
          }
        }
      }
    }
  },
};

/** The largest of rows [y0, y1) and columns [x0, x1) of the map that starts at `map`; 0 when there are none. */
function binMaximum(
  data: TensorData,
  map: number,
  W: number,
  y0: number,
  y1: number,
  x0: number,
  x1: number,
): number {
  if (y1 <= y0 || x1 <= x0) return 0;
  let largest = LOWEST;
  for (let y = y0; y < y1; y++) {
    const row = map + y * W;
    for (let x = x0; x < x1; x++) {
      const value = data[row + x]!;
      if (value > largest) largest = value;
    }
  }
  return largest;
}

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
