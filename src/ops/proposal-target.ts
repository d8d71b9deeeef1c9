/**
 * proposalTarget: what the region classifier should have said about each proposal.
 *
 * Meaning  The ground truths join the proposals. A region whose best overlap with a ground truth is at least
 *          `foregroundOverlap` takes its class and its box as target, the others are background. Foreground comes
 *          first, each group in its order. Nothing is sampled (official BATCH_ROIS = −1), so nothing is random.
 * Formula  bbox_target = (encodeBoxes(region, ground truth) − means) / deviations, in the four columns of its class,
 *          bbox_weight = 1 there; both 0 elsewhere and for background. Ties of overlap: the first ground truth.
 * Source   The official custom operator `proposal_target`. It passes no gradient. Overlaps in float64; the encoding in
 *          the dtype of the inputs, the division in float64.
 * Letters  R proposals, G ground truths, K classes
 */
import { type Tensor, tensor } from '../tensor/tensor.ts';
import { bestOverlaps, boxOverlaps } from './box-overlaps.ts';
import { encodeBoxes } from './box-transform.ts';
import { checkInteger } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { checkRois, checkTable } from './roi.ts';
import { checkFour } from './rpn-inverse-normalize.ts';
import { checkThreshold } from './non-maximum-suppression.ts';

export interface ProposalTargetAttributes {
  /** Groups of four target columns. Default 2: background and any object (class-agnostic, official). */
  readonly classes?: number;
  /** Least overlap of a foreground region. Default 0.5. */
  readonly foregroundOverlap?: number;
  /** Means of dx, dy, dw, dh. Default zeros. */
  readonly means?: readonly number[];
  /** Standard deviations of dx, dy, dw, dh. Default 0.1, 0.1, 0.2, 0.2. */
  readonly deviations?: readonly number[];
}

export const proposalTargetOperator: Operator<
  readonly ['rois', 'gt_boxes'],
  ProposalTargetAttributes,
  readonly ['rois_output', 'label', 'bbox_target', 'bbox_weight']
> = {
  name: 'proposalTarget',
  inputs: ['rois', 'gt_boxes'],
  outputs: ['rois_output', 'label', 'bbox_target', 'bbox_weight'],
  defaults: { classes: 2, foregroundOverlap: 0.5, means: [0, 0, 0, 0], deviations: [0.1, 0.1, 0.2, 0.2] },

  shape([rois, gtBoxes], { classes, foregroundOverlap, means, deviations }) {
    const R = checkRois('proposalTarget', rois);
    const G = checkTable('proposalTarget', 'gt_boxes', gtBoxes, 5, '(x1, y1, x2, y2, class)');
    checkInteger('proposalTarget', 'classes', classes, 2);
    checkThreshold('proposalTarget', foregroundOverlap, 'foregroundOverlap');
    checkFour('proposalTarget', 'means', means);
    checkFour('proposalTarget', 'deviations', deviations);
    return [[R + G, 5], [R + G], [R + G, 4 * classes], [R + G, 4 * classes]];
  },

  forward([out, label, target, weight], [rois, gtBoxes], { classes, foregroundOverlap, means, deviations }) {
    const truths = columnsOf(gtBoxes, 0);
    const regions = withTruths(rois, truths);
    const boxes = columnsOf(regions, 1);
    const { best, index } = bestOverlaps(boxOverlaps(boxes, truths));
    const isForeground = (k: number): boolean => index[k]! >= 0 && best[k]! >= foregroundOverlap;
    const all = [...best.keys()];
    const foreground = all.filter(isForeground);
    const order = [...foreground, ...all.filter((k) => !isForeground(k))];
    order.forEach((k, row) => out.data.set(regions.data.subarray(5 * k, 5 * k + 5), 5 * row));

    const matched = foreground.map((k) => index[k]!);
    const corrections = encodeBoxes(rowsOf(boxes, foreground), rowsOf(truths, matched));
    foreground.forEach((_, row) => {
      const classIndex = gtBoxes.data[5 * matched[row]! + 4]!;
      label.data[row] = classIndex;
      const group = classes === 2 ? 1 : Math.trunc(classIndex); // of two groups, all classes share the second
      if (!(group >= 1 && group < classes)) return; // a class without columns is not regressed
      const first = 4 * (row * classes + group);
      for (let j = 0; j < 4; j++) {
        target.data[first + j] = (corrections.data[4 * row + j]! - means[j]!) / deviations[j]!;
        weight.data[first + j] = 1;
      }
    });
  },

  gradient: () => [null, null],
};

/** Four columns of a table of five, from column `first` on. */
function columnsOf(table: Tensor, first: number): Tensor {
  const data = table.data.filter((_, i) => i % 5 >= first && i % 5 < first + 4);
  return tensor([table.shape[0]!, 4], data);
}

/** Some rows of a table of four columns. */
function rowsOf(table: Tensor, rows: readonly number[]): Tensor {
  const values = rows.flatMap((row) => [...table.data.subarray(4 * row, 4 * row + 4)]);
  return tensor([rows.length, 4], values, table.dtype);
}

/** The ROIs, then the ground truths as ROIs of image 0. */
function withTruths(rois: Tensor, truths: Tensor): Tensor {
  const data = [...rois.data];
  for (let g = 0; g < truths.shape[0]!; g++) data.push(0, ...truths.data.subarray(4 * g, 4 * g + 4));
  return tensor([data.length / 5, 5], data, rois.dtype);
}

/**
 * Training targets of regions: of one image's proposals `rois` (R, 5) and its ground truths `gtBoxes` (G, 5), rows
 * (x1, y1, x2, y2, class), class 1 and up, all in pixels of the resized image.
 *
 * @returns `rois` (R+G, 5), `labels` (R+G), `boxTargets` and `boxWeights` (R+G, 4·classes)
 * @throws ShapeError when a table has the wrong columns
 * @example const { rois, labels, boxTargets, boxWeights } = proposalTarget(proposals, gtBoxes)
 */
export function proposalTarget<V extends Value>(
  rois: V,
  gtBoxes: V,
  attributes: ProposalTargetAttributes = {},
): { readonly rois: V; readonly labels: V; readonly boxTargets: V; readonly boxWeights: V } {
  const [chosen, labels, boxTargets, boxWeights] = apply(proposalTargetOperator, [rois, gtBoxes], attributes);
  return { rois: chosen, labels, boxTargets, boxWeights };
}
