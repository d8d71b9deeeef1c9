/**
 * Where the bins of position-sensitive ROI pooling lie: computed once, shared by the reference, other backends and
 * gradients.
 *
 * Bin edges are float32 arithmetic whatever the dtype of the data. They are decisions, not values: evaluated in
 * float64 a few ROIs in thousands get another edge, and a class score then moves by up to 0.06.
 *
 * Letters  N images, C channels, H × W map, R ROIs, D output channels, P × P bins, G × G groups
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkInteger, nchw } from './checks.ts';
import { checkRois, checkSpatialScale, roiImage, roundAway } from './roi.ts';

export interface PsroiPoolingAttributes {
  /** Map pixels per image pixel, e.g. 1/16. */
  readonly spatialScale: number;
  /** Channels of the output: classes, or box coordinates. */
  readonly outputChannels: number;
  /** Bins per side. */
  readonly pooledSize: number;
  /** Groups per side: how many parts of an object have maps of their own. Default 0: as many as bins. */
  readonly groupSize?: number;
}

export interface PsroiGeometry {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly R: number;
  readonly D: number;
  readonly P: number;
  readonly G: number;
}

/** The geometry of data (N, D·G·G, H, W) under R ROIs. Throws ShapeError where they do not fit. */
export function psroiGeometry(
  data: Shape,
  rois: Shape,
  { spatialScale, outputChannels, pooledSize, groupSize }: Required<PsroiPoolingAttributes>,
  operator = 'psroiPooling',
): PsroiGeometry {
  const [N, C, H, W] = nchw(operator, 'data', data);
  const R = checkRois(operator, rois);
  checkSpatialScale(operator, spatialScale);
  checkInteger(operator, 'outputChannels', outputChannels, 1);
  checkInteger(operator, 'pooledSize', pooledSize, 1);
  checkInteger(operator, 'groupSize', groupSize, 0);
  const G = groupSize || pooledSize;
  if (C !== outputChannels * G * G) {
    const expected = `${outputChannels} outputs need ${outputChannels * G * G} (${G} x ${G} each)`;
    throw new ShapeError(
      `${operator}: data has ${C} channels, ${expected} (data ${formatShape(data)}); check outputChannels`,
    );
  }
  return { N, C, H, W, R, D: outputChannels, P: pooledSize, G };
}

/**
 * The bins of one axis: bin i covers the cells edges[2i] ≤ cell < edges[2i + 1], clipped to the map; an empty bin
 * has edges[2i + 1] ≤ edges[2i]. Neighbouring bins may share a cell.
 *
 * Rounding comes first, in image pixels; the +1 that makes the last pixel inclusive is added after it:
 *   start = round(low) · scale,  end = (round(high) + 1) · scale,  size = max(end − start, 0.1) / P
 *   bin i = [⌊i · size + start⌋, ⌈(i + 1) · size + start⌉)
 *
 * @param edges filled; 2P long
 * @param low, high the ROI's first and last pixel along this axis, in image pixels
 * @param cells the map's extent along this axis
 */
export function psroiBins(
  edges: Int32Array,
  low: number,
  high: number,
  spatialScale: number,
  cells: number,
): void {
  const { fround } = Math;
  const bins = edges.length / 2;
  const scale = fround(spatialScale);
  const start = fround(fround(roundAway(fround(low))) * scale);
  const end = fround(fround(roundAway(fround(high)) + 1) * scale);
  const size = fround(fround(Math.max(fround(end - start), 0.1)) / bins);
  for (let i = 0; i < bins; i++) {
    const first = Math.floor(fround(fround(i * size) + start));
    const last = Math.ceil(fround(fround((i + 1) * size) + start));
    edges[2 * i] = Math.min(Math.max(first, 0), cells);
    edges[2 * i + 1] = Math.min(Math.max(last, 0), cells);
  }
}

/** The row (or column) of the group grid, 0 up to G, that bin i of P belongs to. */
export function psroiGroup(i: number, P: number, G: number): number {
  return Math.floor((i * G) / P);
}

/**
 * Calls `visit` for every bin that is not empty, in the order of the output: `o` is its position there, `map` where its
 * channel of the data starts; it covers rows [y0, y1) and columns [x0, x1). ROIs of images that are not there have none.
 */
export function visitPsroiBins(
  rois: Tensor,
  { N, C, H, W, R, D, P, G }: PsroiGeometry,
  spatialScale: number,
  visit: (o: number, map: number, y0: number, y1: number, x0: number, x1: number) => void,
): void {
  const rows = new Int32Array(2 * P);
  const columns = new Int32Array(2 * P);
  for (let r = 0; r < R; r++) {
    const n = roiImage(rois, r, N);
    if (n < 0) continue;
    const corner = (k: number): number => rois.data[5 * r + k]!;
    psroiBins(columns, corner(1), corner(3), spatialScale, W);
    psroiBins(rows, corner(2), corner(4), spatialScale, H);
    let o = r * D * P * P; // walks out[r,d,i,j] in order
    for (let d = 0; d < D; d++) {
      for (let i = 0; i < P; i++) {
        const channel = n * C + (d * G + psroiGroup(i, P, G)) * G;
        const [y0, y1] = [rows[2 * i]!, rows[2 * i + 1]!];
        for (let j = 0; j < P; j++, o++) {
          const [x0, x1] = [columns[2 * j]!, columns[2 * j + 1]!];
          if (y1 > y0 && x1 > x0) visit(o, (channel + psroiGroup(j, P, G)) * H * W, y0, y1, x0, x1);
        }
      }
    }
  }
}
