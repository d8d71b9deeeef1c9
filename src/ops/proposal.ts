/**
 * proposal: the regions of one image that are likely to hold an object.
 *
 * Formula  anchors + corrections → boxes clipped to the image (`proposalCandidates`) → the `preNms` best scores, equal
 *          ones by ascending index → non-maximum suppression → the first `postNms`; when fewer are left, they are
 *          repeated from the start: row i is survivor i mod count.
 * Source   Faster R-CNN, section 3.1; MXNet contrib.Proposal. The order of equal scores is that of its GPU version (a
 *          stable sort; the CPU version's is not), the repetition with fewer anchors than rows that of its CPU version.
 * Kinks    A choice: no gradient to any input.
 * NaN      A NaN score ranks first, a NaN correction gives a NaN box that overlaps nothing: they show in the output.
 * Letters  A anchors a cell, H × W map, K = postNms rows
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type AnchorAttributes, checkAnchors } from './anchors.ts';
import { checkInteger, checkShape, nchw } from './checks.ts';
import { checkThreshold, nonMaximumSuppression } from './non-maximum-suppression.ts';
import { apply, type Defaults, type Operator, type Value } from './operator.ts';
import { proposalCandidates } from './proposal-boxes.ts';

export interface ProposalAttributes extends Partial<AnchorAttributes> {
  /** Image pixels per map cell. Default 16. */
  readonly featureStride?: number;
  /** Side lengths of anchors, in multiples of the stride. Default 4, 8, 16, 32 (MXNet's; the official networks have 8, 16, 32). */
  readonly scales?: readonly number[];
  /** Height / width of anchors. Default 0.5, 1, 2. */
  readonly ratios?: readonly number[];
  /** Candidates with the best scores that enter the suppression; 0 or −1 for all. Default 6000. */
  readonly preNms?: number;
  /** Rows of the output. Default 300. */
  readonly postNms?: number;
  /** A box is suppressed when its overlap with a better one is greater than this. Default 0.7. */
  readonly threshold?: number;
  /** Smallest side, in pixels of the original image. Default 16 (MXNet's; the official networks have 0). */
  readonly minSize?: number;
}

export const proposalDefaults: Defaults<ProposalAttributes> = {
  featureStride: 16,
  scales: [4, 8, 16, 32],
  ratios: [0.5, 1, 2],
  preNms: 6000,
  postNms: 300,
  threshold: 0.7,
  minSize: 16,
};

export type ProposalInputs = readonly ['cls_prob', 'bbox_pred', 'im_info'];
export type ProposalOutputs = readonly ['output', 'score'];

export const proposalOperator: Operator<ProposalInputs, ProposalAttributes, ProposalOutputs> = {
  name: 'proposal',
  inputs: ['cls_prob', 'bbox_pred', 'im_info'],
  outputs: ['output', 'score'],
  defaults: proposalDefaults,

  shape([clsProb, bboxPred, imInfo], attributes) {
    const N = checkProposal('proposal', clsProb, bboxPred, imInfo, attributes);
    if (N !== 1) {
      throw new ShapeError(
        `proposal: cls_prob has ${N} images, expected 1 (cls_prob ${formatShape(clsProb)}); use multiProposal`,
      );
    }
    return [
      [attributes.postNms, 5],
      [attributes.postNms, 1],
    ];
  },

  forward(outputs, inputs, attributes) {
    proposeImage(outputs, inputs, 0, attributes);
  },

  gradient: () => [null, null, null],
};

/** Throws ShapeError unless the inputs and attributes of a proposal operator fit. Gives the number of images. */
export function checkProposal(
  operator: string,
  clsProb: Shape,
  bboxPred: Shape,
  imInfo: Shape,
  attributes: Required<ProposalAttributes>,
): number {
  const [N, C, H, W] = nchw(operator, 'cls_prob', clsProb);
  const A = checkAnchors(operator, attributes);
  if (C !== 2 * A) {
    const anchors = `${attributes.ratios.length} ratios x ${attributes.scales.length} scales`;
    throw new ShapeError(
      `${operator}: cls_prob has ${C} channels, expected ${2 * A} (background and object for ${anchors}); set ratios and scales to those of the network`,
    );
  }
  if (H * W === 0) throw new ShapeError(`${operator}: cls_prob is ${formatShape(clsProb)}, without a cell`);
  checkShape(operator, 'bbox_pred', bboxPred, [N, 4 * A, H, W], 'four corrections per anchor');
  checkShape(operator, 'im_info', imInfo, [N, 3], 'height, width and scale of each image');
  checkInteger(operator, 'preNms', attributes.preNms, -1);
  checkInteger(operator, 'postNms', attributes.postNms, 1);
  checkThreshold(operator, attributes.threshold);
  if (!(attributes.minSize >= 0)) {
    throw new ShapeError(`${operator}: minSize is ${attributes.minSize}, expected pixels, at least 0`);
  }
  return N;
}

/** Fills the rows of image n: `postNms` of them, from row n · postNms on. */
export function proposeImage(
  [output, score]: readonly [Tensor, Tensor],
  inputs: readonly [Tensor, Tensor, Tensor],
  n: number,
  attributes: Required<ProposalAttributes>,
): void {
  const { preNms, postNms, threshold } = attributes;
  const { boxes, scores } = proposalCandidates(inputs, n, attributes);
  const candidates = preNms > 0 ? preNms : scores.length;
  const kept = nonMaximumSuppression(boxes, scores, { threshold, candidates, limit: postNms });
  for (let i = 0; i < postNms; i++) {
    const row = n * postNms + i;
    const chosen = kept[i % kept.length]!;
    output.data[5 * row] = n;
    output.data.set(boxes.data.subarray(4 * chosen, 4 * chosen + 4), 5 * row + 1);
    score.data[row] = scores[chosen]!;
  }
}

/**
 * The regions of one image that are likely to hold an object, best first.
 *
 * @param clsProb (1, 2A, H, W): probabilities, A of background, then A of object
 * @param bboxPred (1, 4A, H, W): de-normalised corrections of the anchors
 * @param imInfo (1, 3): height and width of the resized image, and its scale
 * @returns `rois` (K, 5): rows (0, x1, y1, x2, y2) in pixels of the resized image; `scores` (K, 1), −1 for a region
 *   that was disabled (dead cell, or smaller than `minSize`) and chosen for want of others
 * @throws ShapeError when the channels do not fit the anchors, or there is more than one image
 * @example const { rois } = proposal(probabilities, corrections, imInfo, { scales: [8, 16, 32], minSize: 0 })
 */
export function proposal<V extends Value>(
  clsProb: V,
  bboxPred: V,
  imInfo: V,
  attributes: ProposalAttributes = {},
): { readonly rois: V; readonly scores: V } {
  const [rois, scores] = apply(proposalOperator, [clsProb, bboxPred, imInfo], attributes);
  return { rois, scores };
}
