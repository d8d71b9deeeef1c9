/**
 * Regions of interest (ROIs): a table of R rows (image, x1, y1, x2, y2). `image` is an index into the batch; the
 * corners are pixels of the resized image, both inclusive, so that a box is x2 − x1 + 1 wide.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Throws unless a shape is that of a table with `columns` columns. Gives the number of rows. */
export function checkTable(
  operator: string,
  name: string,
  shape: Shape,
  columns: number,
  meaning: string,
): number {
  if (shape.length === 2 && shape[1] === columns) return shape[0]!;
  throw new ShapeError(`${operator}: ${name} is ${formatShape(shape)}, expected rows of ${meaning}`);
}

/** Throws unless `rois` has five columns. Gives the number of rows. */
export function checkRois(operator: string, shape: Shape): number {
  return checkTable(operator, 'rois', shape, 5, '(image, x1, y1, x2, y2)');
}

/** Throws unless `spatialScale` is a positive number. */
export function checkSpatialScale(operator: string, spatialScale: number): void {
  if (Number.isFinite(spatialScale) && spatialScale > 0) return;
  throw new ShapeError(
    `${operator}: spatialScale is ${spatialScale}, expected map pixels per image pixel, e.g. 1/16`,
  );
}

/**
 * The image that ROI r is cut from, or −1 when there is no such image among N: such a ROI pools to zeros, on every
 * backend. (MXNet asserts this in debug builds and reads other memory in release builds.)
 */
export function roiImage(rois: Tensor, r: number, N: number): number {
  const image = Math.trunc(rois.data[5 * r]!);
  return image >= 0 && image < N ? image : -1;
}

/** The nearest whole number; halves go away from zero, as C's `round` does and Math.round does not. */
export function roundAway(x: number): number {
  return x < 0 ? -Math.floor(0.5 - x) : Math.floor(x + 0.5);
}
