/**
 * psroiPoolingGradient: the adjoint of position-sensitive ROI pooling. Every bin hands its mean back to its cells.
 *
 * Formula  out[n, (d·G + g(i))·G + g(j), y, x] = Σ head[r,d,i,j] / |bin| over the bins (i, j) of ROIs r that hold (y, x)
 * Source   MXNet contrib.PSROIPooling, backward. The bins: `psroiBins`. Sums are added up in float64.
 * Gradient In the head it is psroiPooling; the ROIs get none.
 * NaN      In the head: at the cells of its bin. In a ROI: all its bins are empty.
 * Letters  N images, D·G·G channels, H × W map, R ROIs, D output channels, P × P bins, G × G groups
 */
import { checkInteger, checkShape } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import {
  type PsroiGeometry,
  psroiGeometry,
  type PsroiPoolingAttributes,
  visitPsroiBins,
} from './psroi-geometry.ts';
import { psroiPooling } from './psroi-pooling.ts';

export interface PsroiPoolingGradientAttributes extends PsroiPoolingAttributes {
  /** Images of the data that was pooled. */
  readonly images: number;
  /** Rows of its maps. */
  readonly height: number;
  /** Columns of its maps. */
  readonly width: number;
}

export const psroiPoolingGradientOperator: Operator<
  readonly ['head', 'rois'],
  PsroiPoolingGradientAttributes
> = {
  name: 'psroiPoolingGradient',
  inputs: ['head', 'rois'],
  outputs: ['output'],
  defaults: { groupSize: 0 },

  shape([head, rois], attributes) {
    for (const size of ['images', 'height', 'width'] as const) {
      checkInteger('psroiPoolingGradient', size, attributes[size], 0);
    }
    const { N, C, H, W, R, D, P } = adjointGeometry(rois, attributes);
    checkShape('psroiPoolingGradient', 'head', head, [R, D, P, P], 'the shape of the pooling');
    return [[N, C, H, W]];
  },

  forward([out], [head, rois], attributes) {
    const geometry = adjointGeometry(rois.shape, attributes);
    const { W } = geometry;
    const totals = new Float64Array(out.data.length);
    visitPsroiBins(rois, geometry, attributes.spatialScale, (o, map, y0, y1, x0, x1) => {
      const share = head.data[o]! / ((y1 - y0) * (x1 - x0));
      for (let y = y0; y < y1; y++) {
        for (let i = map + y * W + x0; i < map + y * W + x1; i++) totals[i]! += share;
      }
    });
    out.data.set(totals);
  },

  gradient([dData], [, rois], _outputs, attributes) {
    const { images: _images, height: _height, width: _width, ...pooling } = attributes;
    return [() => psroiPooling(dData, rois, pooling), null];
  },
};

/** The geometry of the pooling that this is the adjoint of. */
function adjointGeometry(
  rois: readonly number[],
  attributes: Required<PsroiPoolingGradientAttributes>,
): PsroiGeometry {
  const { images, height, width, outputChannels, pooledSize, groupSize } = attributes;
  const channels = outputChannels * (groupSize || pooledSize) ** 2;
  return psroiGeometry([images, channels, height, width], rois, attributes, 'psroiPoolingGradient');
}

/**
 * Gradient of a position-sensitive pooling in its data, from the gradient `head` (R, D, P, P) in its output and the ROIs
 * (R, 5). The attributes are those of the pooling, and the sizes of its data.
 *
 * @returns (images, D·G·G, height, width)
 * @throws ShapeError when `head` has not the shape of the pooling's output
 * @example psroiPoolingGradient(head, rois, { ...attributes, images: 1, height: 38, width: 63 })
 */
export function psroiPoolingGradient<V extends Value>(
  head: V,
  rois: V,
  attributes: PsroiPoolingGradientAttributes,
): V {
  return apply(psroiPoolingGradientOperator, [head, rois], attributes)[0];
}
