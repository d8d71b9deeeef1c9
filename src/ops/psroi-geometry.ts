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
import { checkInteger, nchw } from './operator.ts';
import { checkRois, checkSpatialScale, roundAway } from './roi.ts';

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
): PsroiGeometry {
  const operator = 'psroiPooling';
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

/** The row (or column) of the group grid that bin i of P belongs to. */
export function psroiGroup(i: number, P: number, G: number): number {
  return Math.min(Math.floor((i * G) / P), G - 1);
}
