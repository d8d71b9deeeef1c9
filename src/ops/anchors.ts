/**
 * Anchors: the fixed boxes that the region proposal network scores and corrects, A of them at every map cell.
 *
 * Source   Faster R-CNN, section 3.1.1; MXNet Proposal (GenerateAnchors). Float32 throughout, as there.
 * Letters  A anchors a cell (ratios × scales), H × W map
 */
import { ShapeError } from '../tensor/errors.ts';
import { type Tensor, tensor } from '../tensor/tensor.ts';
import { checkInteger } from './checks.ts';

export interface AnchorAttributes {
  /** Image pixels per map cell; also the side of the square that the anchors are made from. */
  readonly featureStride: number;
  /** Side lengths, in multiples of the stride. */
  readonly scales: readonly number[];
  /** Height / width: 0.5 is a wide anchor, 2 a tall one. */
  readonly ratios: readonly number[];
}

/** Throws unless stride, scales and ratios describe anchors. Gives A. */
export function checkAnchors(operator: string, { featureStride, scales, ratios }: AnchorAttributes): number {
  checkInteger(operator, 'featureStride', featureStride, 1);
  for (const [name, list] of [
    ['scales', scales],
    ['ratios', ratios],
  ] as const) {
    if (list.length > 0 && list.every((value) => Number.isFinite(value) && value > 0)) continue;
    throw new ShapeError(`${operator}: ${name} is [${list.join(', ')}], expected positive numbers`);
  }
  return scales.length * ratios.length;
}

/**
 * The anchors of cell (0, 0), ratios in the outer loop and scales in the inner one. Sizes are rounded for the square
 * before they are scaled:
 *   w = ⌊√⌊stride² / ratio⌋ + ½⌋ · scale,  h = ⌊w / scale · ratio + ½⌋ · scale,  centred on (stride − 1) / 2
 *
 * @returns (A, 4), float32: x1, y1, x2, y2 in image pixels
 * @example baseAnchors({ featureStride: 16, scales: [8, 16, 32], ratios: [0.5, 1, 2] }) // the nine of Deep Feature Flow
 */
export function baseAnchors(attributes: AnchorAttributes): Tensor {
  const { fround, floor, sqrt } = Math;
  const A = checkAnchors('anchors', attributes);
  const { featureStride, scales, ratios } = attributes;
  const boxes = new Float32Array(4 * A);
  const centre = fround(0.5 * (featureStride - 1));
  let i = 0;
  for (const ratio of ratios.map(fround)) {
    const side = floor(fround(fround(sqrt(floor(fround(featureStride ** 2 / ratio)))) + 0.5));
    for (const scale of scales.map(fround)) {
      const width = fround(side * scale);
      // dividing by the scale again is MXNet's way, and shows where side · ratio ends in ½ and scale is not 2^k
      const height = fround(floor(fround(fround(fround(width / scale) * ratio) + 0.5)) * scale);
      const halfWidth = fround(0.5 * fround(width - 1));
      const halfHeight = fround(0.5 * fround(height - 1));
      boxes.set([centre - halfWidth, centre - halfHeight, centre + halfWidth, centre + halfHeight], i);
      i += 4;
    }
  }
  return tensor([A, 4], boxes);
}

/**
 * The anchors of every cell of a map, the base anchors shifted by the stride; cell by cell in row-major order, the A
 * anchors of a cell together: row (y·W + x)·A + a.
 *
 * @returns (H·W·A, 4), float32: x1, y1, x2, y2 in image pixels
 */
export function allAnchors(height: number, width: number, attributes: AnchorAttributes): Tensor {
  const base = baseAnchors(attributes).data;
  const stride = attributes.featureStride;
  const boxes = new Float32Array(height * width * base.length);
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let k = 0; k < base.length; k += 2) {
        boxes[i++] = base[k]! + x * stride;
        boxes[i++] = base[k + 1]! + y * stride;
      }
    }
  }
  return tensor([boxes.length / 4, 4], boxes);
}
