/**
 * psroiPooling: position-sensitive ROI pooling. Each bin of a region averages a channel of its own.
 *
 * Formula  out[r,d,i,j] = mean of data[n, (d·G + g(i))·G + g(j), y, x] over the cells (y, x) of bin (i, j) of ROI r,
 *          g(i) = ⌊i·G / P⌋;  an empty bin gives 0. The bins: `psroiBins`.
 * Source   R-FCN, Eq. 1; MXNet contrib.PSROIPooling (GPU). The ROI itself is not clipped to the image, only its bins.
 * Gradient To the data; the ROIs get none, as in MXNet.
 * NaN      In the data: the bins that cover it. In a ROI: all its bins are empty, hence 0.
 * Letters  N images, C = D·G·G channels, H × W map, R ROIs, D output channels, P × P bins, G × G groups
 */
import { nchw } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { psroiGeometry, type PsroiPoolingAttributes, visitPsroiBins } from './psroi-geometry.ts';
import { psroiPoolingGradient } from './psroi-pooling-gradient.ts';

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
    const geometry = psroiGeometry(data.shape, rois.shape, attributes);
    const { W } = geometry;
    visitPsroiBins(rois, geometry, attributes.spatialScale, (o, map, y0, y1, x0, x1) => {
      let sum = 0;
      for (let y = y0; y < y1; y++) {
        for (let i = map + y * W + x0; i < map + y * W + x1; i++) sum += data.data[i]!;
      }
      out.data[o] = sum / ((y1 - y0) * (x1 - x0));
    });
  },

  gradient([head], [data, rois], _outputs, attributes) {
    const [images, , height, width] = nchw('psroiPooling', 'data', data.shape);
    return [() => psroiPoolingGradient(head, rois, { ...attributes, images, height, width }), null];
  },
};

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
