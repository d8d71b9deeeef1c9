/**
 * psroiPooling: position-sensitive ROI pooling. Each bin of a region averages a channel of its own.
 *
 * Formula  out[r,d,i,j] = mean of data[n, (d·G + g(i))·G + g(j), y, x] over the cells (y, x) of bin (i, j) of ROI r,
 *          g(i) = ⌊i·G / P⌋;  an empty bin gives 0. The bins: `psroiBins`.
 * Source   R-FCN, Eq. 1; MXNet contrib.PSROIPooling (GPU). The ROI itself is not clipped to the image, only its bins.
 * NaN      In the data: the bins that cover it. In a ROI: all its bins are empty, hence 0.
 * Letters  N images, C = D·G·G channels, H × W map, R ROIs, D output channels, P × P bins, G × G groups
 */
import type { TensorData } from '../tensor/tensor.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { psroiBins, psroiGeometry, psroiGroup, type PsroiPoolingAttributes } from './psroi-geometry.ts';
import { roiImage } from './roi.ts';

export type { PsroiPoolingAttributes } from './psroi-geometry.ts';

export const psroiPoolingOperator: Operator<readonly ['data', 'rois'], PsroiPoolingAttributes> = {
  name: 'psroiPooling',
  inputs: ['data', 'rois'],
  outputs: ['output'],
  defaults: { groupSize: 0 },

  shape([data, rois], attributes) {
    const { R, D, P } = psroiGeometry(data, rois, attributes);
    return [[R, D, P, P]];
  },

  forward([out], [data, rois], attributes) {
    const { N, C, H, W, R, D, P, G } = psroiGeometry(data.shape, rois.shape, attributes);
    const rows = new Int32Array(2 * P);
    const columns = new Int32Array(2 * P);
    for (let r = 0; r < R; r++) {
      const n = roiImage(rois, r, N);
      if (n < 0) continue; // stays zero
      const corner = (k: number): number => rois.data[5 * r + k]!;
      psroiBins(columns, corner(1), corner(3), attributes.spatialScale, W);
      psroiBins(rows, corner(2), corner(4), attributes.spatialScale, H);
      let o = r * D * P * P; // walks out[r,d,i,j] in order
      for (let d = 0; d < D; d++) {
        for (let i = 0; i < P; i++) {
          const channel = n * C + (d * G + psroiGroup(i, P, G)) * G;
          for (let j = 0; j < P; j++, o++) {
            const map = (channel + psroiGroup(j, P, G)) * H * W;
            const [top, end] = [rows[2 * i]!, rows[2 * i + 1]!];
            out.data[o] = binMean(data.data, map, W, top, end, columns[2 * j]!, columns[2 * j + 1]!);
          }
        }
      }
    }
  },
};

/** The mean of rows [y0, y1) and columns [x0, x1) of the map that starts at `map`; 0 when there are none. */
function binMean(
  data: TensorData,
  map: number,
  W: number,
  y0: number,
  y1: number,
  x0: number,
  x1: number,
): number {
  if (y1 <= y0 || x1 <= x0) return 0;
  let sum = 0;
  for (let y = y0; y < y1; y++) {
    const row = map + y * W;
    for (let x = x0; x < x1; x++) sum += data[row + x]!;
  }
  return sum / ((y1 - y0) * (x1 - x0));
}

/**
 * Position-sensitive pooling of data (N, D·G·G, H, W) over ROIs (R, 5): rows (image, x1, y1, x2, y2) in image
 * pixels. A ROI whose image index is outside the batch gives zeros.
 *
 * @returns (R, D, P, P): `outputChannels` = D maps of `pooledSize` = P bins a side
 * @throws ShapeError when the channels are not D·G·G or the ROIs have other than five columns
 * @example psroiPooling(scores, rois, { spatialScale: 1 / 16, outputChannels: 31, pooledSize: 7 })
 */
export function psroiPooling<V extends Value>(data: V, rois: V, attributes: PsroiPoolingAttributes): V {
  return apply(psroiPoolingOperator, [data, rois], attributes)[0];
}
