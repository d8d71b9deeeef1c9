/**
 * anchorTargets: what the region proposal network should have said about each anchor.
 *
 * Meaning  Anchors that lie wholly in the image are labelled by their overlap with the ground truths: 0 (background)
 *          below `negativeOverlap`, 1 (object) from `positiveOverlap` on, and 1 for every anchor that is the best one
 *          of some ground truth; −1 (ignored) otherwise and outside. At most `batch` labels other than −1 survive.
 * Formula  bbox_target = (encodeBoxes(anchor, its best ground truth) − means) / deviations for anchors inside, else 0;
 *          bbox_weight = 1 for positives, else 0
 * Source   Faster R-CNN, section 3.1.3; the official `assign_anchor`. Float64; targets are rounded to float32 before
 *          the division as well as after. All anchors that tie for the best of a ground truth are positive: when a
 *          ground truth overlaps no inside anchor, that is every anchor with overlap 0, as in the official code.
 * Letters  A anchors a cell, H × W map, G ground truths; I anchors lie inside the image
 */
import { type Tensor, tensor, zeros } from '../tensor/tensor.ts';
import { allAnchors, type AnchorAttributes } from './anchors.ts';
import { bestOverlaps, boxOverlaps } from './box-overlaps.ts';
import { encodeBoxes } from './box-transform.ts';
import { checkInteger } from './checks.ts';
import { checkTable } from './roi.ts';
import { checkFour } from './rpn-inverse-normalize.ts';

export interface AnchorTargetOptions extends Partial<AnchorAttributes> {
  /** Least overlap of a positive anchor. Default 0.7. */
  readonly positiveOverlap?: number;
  /** Overlap below which an anchor is background. Default 0.3. */
  readonly negativeOverlap?: number;
  /** Background wins over object where both apply. Default false. */
  readonly clobberPositives?: boolean;
  /** How far anchors may reach over the image, in pixels. Default 0. */
  readonly allowedBorder?: number;
  /** Labels other than −1 at most. Default 256. */
  readonly batch?: number;
  /** Share of them that may be positive. Default 0.5. */
  readonly positiveFraction?: number;
  /** Means of dx, dy, dw, dh. Default zeros. */
  readonly means?: readonly number[];
  /** Standard deviations of dx, dy, dw, dh. Default 0.1, 0.1, 0.4, 0.4. */
  readonly deviations?: readonly number[];
  /**
   * Which `keep` of too many anchors stay: anchor indices in ascending order in, those to keep out. Default the lowest
   * ones, so that the result is the same every time; the official code draws at random.
   */
  readonly choose?: (anchors: readonly number[], keep: number) => readonly number[];
}

export interface AnchorTargets {
  /** (1, A·H·W), in the order (a, y, x): 1 object, 0 background, −1 ignored. */
  readonly label: Tensor;
  /** (1, 4A, H, W): normalised dx, dy, dw, dh in channel 4a + j. */
  readonly bboxTarget: Tensor;
  /** (1, 4A, H, W): 1 for positives, else 0. */
  readonly bboxWeight: Tensor;
}

const DEFAULTS: Required<AnchorTargetOptions> = {
  featureStride: 16,
  scales: [8, 16, 32],
  ratios: [0.5, 1, 2],
  positiveOverlap: 0.7,
  negativeOverlap: 0.3,
  clobberPositives: false,
  allowedBorder: 0,
  batch: 256,
  positiveFraction: 0.5,
  means: [0, 0, 0, 0],
  deviations: [0.1, 0.1, 0.4, 0.4],
  choose: (anchors, keep) => anchors.slice(0, keep),
};

/**
 * Training targets of the anchors of one image.
 *
 * @param featureHeight, featureWidth cells of the map
 * @param imInfo (1, 3): height, width, scale of the resized image, pixels
 * @param gtBoxes (G, 5): rows (x1, y1, x2, y2, class) in pixels of the resized image; G may be 0
 * @throws ShapeError when a table has the wrong columns
 * @example const { label, bboxTarget, bboxWeight } = anchorTargets(36, 63, imInfo, gtBoxes)
 */
export function anchorTargets(
  featureHeight: number,
  featureWidth: number,
  imInfo: Tensor,
  gtBoxes: Tensor,
  options: AnchorTargetOptions = {},
): AnchorTargets {
  const settings = { ...DEFAULTS, ...options };
  checkTable('anchorTargets', 'im_info', imInfo.shape, 3, '(height, width, scale)');
  checkTable('anchorTargets', 'gt_boxes', gtBoxes.shape, 5, '(x1, y1, x2, y2, class)');
  checkInteger('anchorTargets', 'featureHeight', featureHeight, 1);
  checkInteger('anchorTargets', 'featureWidth', featureWidth, 1);
  checkInteger('anchorTargets', 'batch', settings.batch, 0);
  checkFour('anchorTargets', 'means', settings.means);
  checkFour('anchorTargets', 'deviations', settings.deviations);
  const all = allAnchors(featureHeight, featureWidth, settings);
  const inside = anchorsInside(all, imInfo.data[0]!, imInfo.data[1]!, settings.allowedBorder);
  const anchors = tensor([inside.length, 4], fours(all, 4, inside), 'float64');
  const truths = tensor(
    [gtBoxes.shape[0]!, 4],
    fours(
      gtBoxes,
      5,
      Array.from({ length: gtBoxes.shape[0]! }, (_, g) => g),
    ),
    'float64',
  );
  const overlaps = boxOverlaps(anchors, truths);
  const { best, index } = bestOverlaps(overlaps);
  const labels = labelAnchors(overlaps, best, settings);
  sampleLabels(labels, inside, settings);
  const matched = truths.shape[0]! > 0 ? fours(truths, 4, index) : anchors.data;
  // Anchors are float64 in the official code, ground truths float32: their sizes are rounded, the rest is not.
  const targets = encodeBoxes(anchors, tensor(anchors.shape, matched, gtBoxes.dtype));
  return layOut(all.shape[0]! / (featureHeight * featureWidth), featureHeight, featureWidth, {
    inside,
    labels,
    targets,
    means: settings.means,
    deviations: settings.deviations,
  });
}

/** The first four columns of some rows of a table. */
function fours(table: Tensor, columns: number, rows: ArrayLike<number>): Float64Array {
  const out = new Float64Array(4 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    out.set(table.data.subarray(columns * rows[i]!, columns * rows[i]! + 4), 4 * i);
  }
  return out;
}

function anchorsInside({ data }: Tensor, height: number, width: number, border: number): number[] {
  const inside: number[] = [];
  for (let k = 0; k < data.length / 4; k++) {
    if (data[4 * k]! < -border || data[4 * k + 1]! < -border) continue;
    if (data[4 * k + 2]! < width + border && data[4 * k + 3]! < height + border) inside.push(k);
  }
  return inside;
}

/** Labels before sampling, one for each inside anchor. */
function labelAnchors(
  overlaps: Tensor,
  best: Float64Array,
  { positiveOverlap, negativeOverlap, clobberPositives }: Required<AnchorTargetOptions>,
): Int8Array {
  const [I = 0, G = 0] = overlaps.shape;
  if (G === 0) return new Int8Array(I); // nothing to find: all background
  const labels = new Int8Array(I).fill(-1);
  const negatives = (): void => best.forEach((overlap, k) => overlap < negativeOverlap && (labels[k] = 0));
  if (!clobberPositives) negatives();
  for (let g = 0; g < G; g++) {
    let most = -Infinity;
    for (let k = 0; k < I; k++) most = Math.max(most, overlaps.data[k * G + g]!);
    for (let k = 0; k < I; k++) if (overlaps.data[k * G + g] === most) labels[k] = 1;
  }
  best.forEach((overlap, k) => overlap >= positiveOverlap && (labels[k] = 1));
  if (clobberPositives) negatives();
  return labels;
}

/** Sets surplus positives, then surplus negatives, to −1. */
function sampleLabels(
  labels: Int8Array,
  inside: readonly number[],
  { batch, positiveFraction, choose }: Required<AnchorTargetOptions>,
): void {
  const reduce = (label: number, keep: number): number => {
    const rows = [...labels.keys()].filter((k) => labels[k] === label);
    if (rows.length <= keep) return rows.length;
    const kept = new Set(
      choose(
        rows.map((k) => inside[k]!),
        keep,
      ),
    );
    for (const k of rows) if (!kept.has(inside[k]!)) labels[k] = -1;
    return kept.size;
  };
  const positives = reduce(1, Math.floor(positiveFraction * batch));
  reduce(0, batch - positives);
}

/** From rows of inside anchors, in the order (y, x, a), to maps with channels (a, j). */
function layOut(
  A: number,
  H: number,
  W: number,
  rows: {
    readonly inside: readonly number[];
    readonly labels: Int8Array;
    readonly targets: Tensor;
    readonly means: readonly number[];
    readonly deviations: readonly number[];
  },
): AnchorTargets {
  const { inside, labels, targets, means, deviations } = rows;
  const label = tensor([1, A * H * W], new Float32Array(A * H * W).fill(-1));
  const bboxTarget = zeros([1, 4 * A, H, W]);
  const bboxWeight = zeros([1, 4 * A, H, W]);
  inside.forEach((anchor, k) => {
    const [cell, a] = [Math.floor(anchor / A), anchor % A];
    label.data[a * H * W + cell] = labels[k]!;
    for (let j = 0; j < 4; j++) {
      const position = (4 * a + j) * H * W + cell;
      bboxTarget.data[position] = (Math.fround(targets.data[4 * k + j]!) - means[j]!) / deviations[j]!;
      bboxWeight.data[position] = labels[k] === 1 ? 1 : 0;
    }
  });
  return { label, bboxTarget, bboxWeight };
}
