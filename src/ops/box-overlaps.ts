/**
 * How much boxes overlap: intersection over union.
 *
 * Formula  out[k,g] = |box k ∩ reference g| / |box k ∪ reference g|
 * Source   The official `bbox_overlaps`: float64, and 0 where the boxes do not meet.
 * Letters  K boxes, G references
 */
import { type Tensor, zeros } from '../tensor/tensor.ts';
import { checkTable } from './roi.ts';

/** `'inclusive'`: the last pixel belongs to the box, widths are x2 − x1 + 1 (official). `'plain'`: x2 − x1. */
export type BoxConvention = 'inclusive' | 'plain';

/** What is added to x2 − x1 to get a width. */
export function boxUnit(convention: BoxConvention): 0 | 1 {
  return convention === 'inclusive' ? 1 : 0;
}

/**
 * Intersection over union of every box with every reference.
 *
 * @param boxes (K, 4): x1, y1, x2, y2 in any unit of length; pixels for the inclusive convention
 * @param references (G, 4)
 * @returns (K, G), float64 whatever the inputs are
 * @throws ShapeError when a table has other than four columns
 * @example boxOverlaps(anchors, groundTruths)
 */
export function boxOverlaps(
  boxes: Tensor,
  references: Tensor,
  convention: BoxConvention = 'inclusive',
): Tensor {
  const K = checkTable('boxOverlaps', 'boxes', boxes.shape, 4, '(x1, y1, x2, y2)');
  const G = checkTable('boxOverlaps', 'references', references.shape, 4, '(x1, y1, x2, y2)');
  const unit = boxUnit(convention);
  const out = zeros([K, G], 'float64');
  const [a, b] = [boxes.data, references.data];
  for (let k = 0; k < K; k++) {
    const [x1, y1, x2, y2] = [a[4 * k]!, a[4 * k + 1]!, a[4 * k + 2]!, a[4 * k + 3]!];
    const area = (x2 - x1 + unit) * (y2 - y1 + unit);
    for (let g = 0; g < G; g++) {
      const [u1, v1, u2, v2] = [b[4 * g]!, b[4 * g + 1]!, b[4 * g + 2]!, b[4 * g + 3]!];
      const width = Math.min(x2, u2) - Math.max(x1, u1) + unit;
      const height = Math.min(y2, v2) - Math.max(y1, v1) + unit;
      if (!(width > 0 && height > 0)) continue;
      const shared = width * height;
      out.data[k * G + g] = shared / (area + (u2 - u1 + unit) * (v2 - v1 + unit) - shared);
    }
  }
  return out;
}

/** The best overlap of each row of a (K, G) table, and where it is: the first of equals; 0 and −1 without columns. */
export function bestOverlaps(overlaps: Tensor): { readonly best: Float64Array; readonly index: Int32Array } {
  const [K = 0, G = 0] = overlaps.shape;
  const best = new Float64Array(K);
  const index = new Int32Array(K).fill(-1);
  for (let k = 0; k < K; k++) {
    for (let g = 0; g < G; g++) {
      const overlap = overlaps.data[k * G + g]!;
      if (index[k]! >= 0 && !(overlap > best[k]!)) continue;
      best[k] = overlap;
      index[k] = g;
    }
  }
  return { best, index };
}
