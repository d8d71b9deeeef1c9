/**
 * The training losses on a feature map: RPN and R-FCN, each a classification and a box regression.
 *
 * Between the two stages lie host parts without a gradient: choosing proposals as targets, and keeping the hardest of
 * them (OHEM). They are operators of the official graph (`officialHostParts`), or their results are fed as inputs
 * (`fedHostParts`), which leaves exactly the part that is differentiated.
 *
 * Letters  N images (1 per device), h × w cells, A anchors, R regions, K classes with background
 */
import type { Parameters } from '../graph/index.ts';
import {
  blockGrad,
  boxAnnotatorOhem,
  elementwiseMul,
  elementwiseSub,
  makeLoss,
  named,
  proposalTarget,
  reshape,
  smoothL1,
  softmaxOutput,
  type Value,
} from '../ops/index.ts';
import type { NetworkConfiguration } from './configuration.ts';
import { halves, pairScores, propose, rfcnLayers, type RfcnOutputs, rpnLayers } from './heads.ts';

/** Anchors and regions per image that the official losses are divided by. */
const RPN_BATCH = 256;
const REGIONS_KEPT = 128;
const IGNORED = -1;

export interface RpnTargets<V> {
  /** (N, A·h·w): 1 object, 0 background, -1 ignored. */
  readonly label: V;
  /** (N, 4A, h, w) */
  readonly bbox_target: V;
  /** (N, 4A, h, w): 1 where the anchor is an object. */
  readonly bbox_weight: V;
}

export interface HostParts<V> {
  /** The regions to learn from (R, 5), and their box targets (R, 4 · boxGroups). */
  targets(scores: V, delta: V): { readonly rois: V; readonly boxTargets: V };
  /** Labels (R), -1 where a region is left out, and box weights (R, 4 · boxGroups). */
  hardest(outputs: RfcnOutputs<V>): { readonly labels: V; readonly boxWeights: V };
}

/** The official host parts: proposals joined with the ground truth boxes, then the 128 regions of highest loss. */
export function officialHostParts<V extends Value>(
  imInfo: V,
  groundTruth: V,
  configuration: NetworkConfiguration,
): HostParts<V> {
  let chosen: ReturnType<typeof proposalTarget<V>>;
  return {
    targets(scores, delta) {
      const names = { softmax: 'rpn_cls_act', reshaped: 'rpn_cls_act_reshape', manyImages: false };
      const proposals = propose(scores, delta, imInfo, configuration, names);
      const boxes = named('gt_boxes_reshape', reshape(groundTruth, { shape: [-1, 5] }));
      chosen = proposalTarget(proposals, boxes, { classes: configuration.boxGroups });
      return { rois: chosen.rois, boxTargets: chosen.boxTargets };
    },
    hardest({ classScores, boxDeltas }) {
      const { labels, boxTargets, boxWeights } = chosen;
      return boxAnnotatorOhem(classScores, boxDeltas, labels, boxTargets, boxWeights, {
        roisPerImage: REGIONS_KEPT,
      });
    },
  };
}

/** Host parts whose results come from outside. */
export function fedHostParts<V>(fed: {
  readonly rois: V;
  readonly rcnn_bbox_target: V;
  readonly labels_ohem: V;
  readonly bbox_weights_ohem: V;
}): HostParts<V> {
  return {
    targets: () => ({ rois: fed.rois, boxTargets: fed.rcnn_bbox_target }),
    hardest: () => ({ labels: fed.labels_ohem, boxWeights: fed.bbox_weights_ohem }),
  };
}

export interface TrainingOutputs<V> {
  /** (N, 2, A·h, w): probabilities; its gradient is that of the mean of -ln p over labels other than -1. */
  readonly rpn_cls_prob_output: V;
  /** (N, 4A, h, w): smooth L1, not divided by 256. */
  readonly rpn_bbox_loss_output: V;
  /** (1, R, K) */
  readonly cls_prob_reshape_output: V;
  /** (1, R, 4 · boxGroups): smooth L1, not divided by 128. */
  readonly bbox_loss_reshape_output: V;
  /** (1, R): the labels after OHEM, for metrics. */
  readonly blockgrad0_output: V;
}

export function trainingLosses<V extends Value>(
  parameters: Parameters<V>,
  feature: V,
  targets: RpnTargets<V>,
  host: HostParts<V>,
  configuration: NetworkConfiguration,
): TrainingOutputs<V> {
  const { classes, boxGroups } = configuration;
  const { rpn, rfcn } = halves(feature);
  const { score, delta } = rpnLayers(parameters, rpn, configuration);
  const scores = pairScores(score);
  const valid = { normalization: 'valid', useIgnore: true, ignoreLabel: IGNORED } as const;
  const rpnProbability = named(
    'rpn_cls_prob',
    softmaxOutput(scores, targets.label, { multiOutput: true, ...valid }),
  );
  const rpnLoss = boxLoss('rpn_bbox_loss', targets.bbox_weight, delta, targets.bbox_target, RPN_BATCH);

  const { rois, boxTargets } = host.targets(scores, delta);
  const outputs = rfcnLayers(parameters, rfcn, rois, configuration);
  const { labels, boxWeights } = host.hardest(outputs);
  const probability = named('cls_prob', softmaxOutput(outputs.classScores, labels, valid));
  const loss = boxLoss('bbox_loss', boxWeights, outputs.boxDeltas, boxTargets, REGIONS_KEPT);
  const keptLabels = named('label_reshape', reshape(labels, { shape: [1, -1] }));
  return {
    rpn_cls_prob_output: rpnProbability,
    rpn_bbox_loss_output: rpnLoss,
    cls_prob_reshape_output: named('cls_prob_reshape', reshape(probability, { shape: [1, -1, classes] })),
    bbox_loss_reshape_output: named('bbox_loss_reshape', reshape(loss, { shape: [1, -1, 4 * boxGroups] })),
    blockgrad0_output: blockGrad(keptLabels),
  };
}

/** weight · smoothL1(prediction − target); the gradient is divided by `count`, the value is not. */
function boxLoss<V extends Value>(name: string, weight: V, prediction: V, target: V, count: number): V {
  const distance = named(`${name}_`, smoothL1(elementwiseSub(prediction, target), { sigma: 1 }));
  return named(name, makeLoss(elementwiseMul(weight, distance), { gradScale: 1 / count }));
}
