/**
 * multiProposal: `proposal` for each image of a batch. Rows are grouped by image, K for each, and carry its index;
 * im_info is read per image.
 *
 * Source   The official contrib.MultiProposal, which the batch graph of Deep Feature Flow and the single-frame
 *          baseline use. For one image its numbers are those of `proposal`.
 * Kinks    A choice: no gradient to any input.
 * Letters  N images, A anchors a cell, H × W map, K = postNms rows an image
 */
import { apply, type Operator, type Value } from './operator.ts';
import {
  checkProposal,
  type ProposalAttributes,
  proposalDefaults,
  type ProposalInputs,
  type ProposalOutputs,
  proposeImage,
} from './proposal.ts';

export const multiProposalOperator: Operator<ProposalInputs, ProposalAttributes, ProposalOutputs> = {
  name: 'multiProposal',
  inputs: ['cls_prob', 'bbox_pred', 'im_info'],
  outputs: ['output', 'score'],
  defaults: proposalDefaults,

  shape([clsProb, bboxPred, imInfo], attributes) {
    const N = checkProposal('multiProposal', clsProb, bboxPred, imInfo, attributes);
    return [
      [N * attributes.postNms, 5],
      [N * attributes.postNms, 1],
    ];
  },

  forward(outputs, inputs, attributes) {
    const [N = 0] = inputs[0].shape;
    for (let n = 0; n < N; n++) proposeImage(outputs, inputs, n, attributes);
  },

  gradient: () => [null, null, null],
};

/**
 * The regions of each image that are likely to hold an object: `proposal` for a batch.
 *
 * @returns `rois` (N·K, 5): rows (image, x1, y1, x2, y2), grouped by image, best first; `scores` (N·K, 1)
 * @throws ShapeError when the channels do not fit the anchors
 */
export function multiProposal<V extends Value>(
  clsProb: V,
  bboxPred: V,
  imInfo: V,
  attributes: ProposalAttributes = {},
): { readonly rois: V; readonly scores: V } {
  const [rois, scores] = apply(multiProposalOperator, [clsProb, bboxPred, imInfo], attributes);
  return { rois, scores };
}
