/**
 * Where the bins of ROI max pooling lie: computed once, shared by the reference, other backends and gradients.
 * Bin edges are float32 arithmetic whatever the dtype of the data, as for position-sensitive pooling.
 *
 * Letters  N images, C channels, H × W map, R ROIs, P × Q bins
 */
import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkPair, nchw, type Pair, pair } from './checks.ts';
import { checkRois, checkSpatialScale, roiImage, roundAway } from './roi.ts';

export interface RoiPoolingAttributes {
  /** Map pixels per image pixel, e.g. 1/16. */
  readonly spatialScale: number;
  /** Bins per side. */
  readonly pooledSize: Pair;
}

export interface RoiPoolingGeometry {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly R: number;
  readonly P: number;
  readonly Q: number;
}

/** The geometry of data (N, C, H, W) under R ROIs. Throws ShapeError where they do not fit. */
export function roiPoolingGeometry(
  data: Shape,
  rois: Shape,
  { spatialScale, pooledSize }: RoiPoolingAttributes,
  operator = 'roiPooling',
): RoiPoolingGeometry {
  const [N, C, H, W] = nchw(operator, 'data', data);
  const R = checkRois(operator, rois);
  checkSpatialScale(operator, spatialScale);
  checkPair(operator, 'pooledSize', pooledSize, 1);
  const [P, Q] = pair(pooledSize);
  return { N, C, H, W, R, P, Q };
}

/**
 * The bins of one axis: bin i covers the cells edges[2i] ≤ cell < edges[2i + 1], clipped to the map; an empty bin
 * has edges[2i + 1] ≤ edges[2i]. Unlike position-sensitive pooling, the corners are rounded to map cells:
 *   start = round(low · scale),  end = round(high · scale),  size = max(end − start + 1, 1) / bins
 *   bin i = start + [⌊i · size⌋, ⌈(i + 1) · size⌉)
 *
 * @param edges filled; twice the number of bins long
 * @param low, high the ROI's first and last pixel along this axis, in image pixels
 * @param cells the map's extent along this axis
 */
export function roiPoolingBins(
  edges: Int32Array,
  low: number,
  high: number,
  spatialScale: number,
  cells: number,
): void {
  const { fround } = Math;
  const bins = edges.length / 2;
  const scale = fround(spatialScale);
  const start = roundAway(fround(fround(low) * scale));
  const end = roundAway(fround(fround(high) * scale));
  const size = fround(Math.max(end - start + 1, 1) / bins);
  for (let i = 0; i < bins; i++) {
    const first = Math.floor(fround(i * size)) + start;
    const last = Math.ceil(fround((i + 1) * size)) + start;
    edges[2 * i] = Math.min(Math.max(first, 0), cells);
    edges[2 * i + 1] = Math.min(Math.max(last, 0), cells);
  }
}

/**
 * Calls `visit` for every bin that is not empty, in the order of the output: `o` is its position there, `map` where its
 * channel of the data starts; it covers rows [y0, y1) and columns [x0, x1). ROIs of images that are not there have none.
 */
export function visitRoiPoolingBins(
  rois: Tensor,
  { N, C, H, W, R, P, Q }: RoiPoolingGeometry,
  spatialScale: number,
  visit: (o: number, map: number, y0: number, y1: number, x0: number, x1: number) => void,
): void {
  const rows = new Int32Array(2 * P);
  const columns = new Int32Array(2 * Q);
  for (let r = 0; r < R; r++) {
    const n = roiImage(rois, r, N);
    if (n < 0) continue;
    const corner = (k: number): number => rois.data[5 * r + k]!;
    roiPoolingBins(columns, corner(1), corner(3), spatialScale, W);
    roiPoolingBins(rows, corner(2), corner(4), spatialScale, H);
    let o = r * C * P * Q; // walks out[r,c,i,j] in order
    for (let map = n * C * H * W; map < (n + 1) * C * H * W; map += H * W) {
      for (let i = 0; i < P; i++) {
        const [y0, y1] = [rows[2 * i]!, rows[2 * i + 1]!];
        for (let j = 0; j < Q; j++, o++) {
          const [x0, x1] = [columns[2 * j]!, columns[2 * j + 1]!];
          if (y1 > y0 && x1 > x0) visit(o, map, y0, y1, x0, x1);
        }
      }
    }
  }
}
