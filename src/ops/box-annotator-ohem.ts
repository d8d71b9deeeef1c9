/**
 * boxAnnotatorOhem: online hard example mining. Only the regions with the largest loss are trained on.
 *
 * Meaning  Regions are ranked by their loss; the first `roisPerImage` keep label and weights, the others get label −1
 *          (ignored by the classification loss) and weights 0. Foreground and background compete on equal terms.
 * Formula  loss[r] = −ln(softmax(cls_score[r])[label] + 1e-14) + Σ_j weight[r,j] · smoothL1(bbox_pred[r,j] − target[r,j])
 * Source   Shrivastava et al., OHEM; the official custom operator `BoxAnnotatorOHEM`. It passes no gradient.
 *          Evaluated in float64. Equal losses: the higher index ranks first (a stable ascending sort read backwards).
 * NaN      A NaN loss ranks first, and so stays in training, where it shows.
 * Letters  R regions, K classes, J box columns (4 for each group of the regression)
 */
import type { Tensor } from '../tensor/tensor.ts';
import { ShapeError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import { checkInteger, checkShape } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { descendingOrder } from './score-order.ts';

export interface BoxAnnotatorOhemAttributes {
  /** Regions that stay in training. Default 128. */
  readonly roisPerImage?: number;
}

type Inputs = readonly ['cls_score', 'bbox_pred', 'labels', 'bbox_targets', 'bbox_weights'];

export const boxAnnotatorOhemOperator: Operator<
  Inputs,
  BoxAnnotatorOhemAttributes,
  readonly ['labels_ohem', 'bbox_weights_ohem']
> = {
  name: 'boxAnnotatorOhem',
  inputs: ['cls_score', 'bbox_pred', 'labels', 'bbox_targets', 'bbox_weights'],
  outputs: ['labels_ohem', 'bbox_weights_ohem'],
  defaults: { roisPerImage: 128 },

  shape([clsScore, bboxPred, labels, targets, weights], { roisPerImage }) {
    if (clsScore.length !== 2) {
      const got = formatShape(clsScore);
      throw new ShapeError(`boxAnnotatorOhem: cls_score is ${got}, expected two axes (regions, classes)`);
    }
    const R = clsScore[0]!;
    checkShape('boxAnnotatorOhem', 'bbox_pred', bboxPred, [R, bboxPred[1] ?? 0], 'a row per region');
    checkShape('boxAnnotatorOhem', 'labels', labels, [R], 'one per region');
    checkShape('boxAnnotatorOhem', 'bbox_targets', targets, bboxPred);
    checkShape('boxAnnotatorOhem', 'bbox_weights', weights, bboxPred);
    checkInteger('boxAnnotatorOhem', 'roisPerImage', roisPerImage, 0);
    return [labels, weights];
  },

  forward([labelsOut, weightsOut], [clsScore, bboxPred, labels, targets, weights], { roisPerImage }) {
    const J = weights.shape[1]!;
    const losses = regionLosses(clsScore, bboxPred, labels, targets, weights);
    labelsOut.data.fill(-1);
    for (const r of descendingOrder(losses, 'higher').subarray(0, roisPerImage)) {
      labelsOut.data[r] = labels.data[r]!;
      weightsOut.data.set(weights.data.subarray(r * J, (r + 1) * J), r * J);
    }
  },

  gradient: () => [null, null, null, null, null],
};

/**
 * The loss of each region that the ranking goes by: classification plus box regression, in float64. A label that is
 * no class, such as −1, has no classification loss. Arguments as for `boxAnnotatorOhem`.
 */
export function regionLosses(
  clsScore: Tensor,
  bboxPred: Tensor,
  labels: Tensor,
  targets: Tensor,
  weights: Tensor,
): Float64Array {
  const [R = 0, K = 0] = clsScore.shape;
  const J = weights.shape[1]!;
  return Float64Array.from({ length: R }, (_, r) => {
    const scores = clsScore.data.subarray(r * K, (r + 1) * K);
    const label = Math.trunc(labels.data[r]!);
    let loss = label >= 0 && label < K ? -Math.log(probability(scores, label) + 1e-14) : 0;
    for (let i = r * J; i < (r + 1) * J; i++) {
      loss += weights.data[i]! * smoothL1(bboxPred.data[i]! - targets.data[i]!);
    }
    return loss;
  });
}

/** Element k of the softmax. */
function probability(scores: ArrayLike<number>, k: number): number {
  let [largest, sum] = [-Infinity, 0];
  for (let i = 0; i < scores.length; i++) largest = Math.max(largest, scores[i]!);
  for (let i = 0; i < scores.length; i++) sum += Math.exp(scores[i]! - largest);
  return Math.exp(scores[k]! - largest) / sum;
}

/** |d| − ½ beyond ±1, ½ d² between (σ = 1). */
function smoothL1(d: number): number {
  return Math.abs(d) > 1 ? Math.abs(d) - 0.5 : 0.5 * d * d;
}

/**
 * Labels and box weights of the hardest regions of one image; −1 and 0 for the others.
 *
 * @param clsScore (R, K): class scores before the softmax
 * @param bboxPred (R, J): predicted corrections; `targets` and `weights` alike
 * @param labels (R)
 * @throws ShapeError when the rows do not fit
 * @example const { labels, boxWeights } = boxAnnotatorOhem(scores, deltas, roiLabels, roiTargets, roiWeights)
 */
export function boxAnnotatorOhem<V extends Value>(
  clsScore: V,
  bboxPred: V,
  labels: V,
  targets: V,
  weights: V,
  attributes: BoxAnnotatorOhemAttributes = {},
): { readonly labels: V; readonly boxWeights: V } {
  const inputs = [clsScore, bboxPred, labels, targets, weights] as const;
  const [labelsOhem, weightsOhem] = apply(boxAnnotatorOhemOperator, inputs, attributes);
  return { labels: labelsOhem, boxWeights: weightsOhem };
}
