/**
 * Detection heads: the R-FCN task network that runs on every frame, on a key feature or a propagated one.
 *
 * The feature is cut in two halves: one proposes regions (RPN), the other votes on them (R-FCN). All learnable layers
 * are 1 × 1 convolutions, which is why this part is cheap.
 *
 * Letters  N images, C feature channels, h × w cells (16 image pixels each), A anchors per cell, R regions,
 *          K classes with background
 */
import type { Parameters } from '../graph/index.ts';
import {
  multiProposal,
  named,
  pooling,
  proposal,
  psroiPooling,
  reshape,
  rpnInverseNormalize,
  sliceChannel,
  softmaxActivation,
  type Value,
} from '../ops/index.ts';
import { anchorCount, FEATURE_STRIDE, type NetworkConfiguration } from './configuration.ts';
import { layers } from './layers.ts';

export interface Halves<V> {
  /** Channels for the region proposals. */
  readonly rpn: V;
  /** Channels for the votes. */
  readonly rfcn: V;
}

export function halves<V extends Value>(feature: V): Halves<V> {
  const [rpn, rfcn] = sliceChannel(feature, { outputs: 2 });
  return { rpn: rpn!, rfcn: rfcn! };
}

export interface RpnOutputs<V> {
  /** (N, 2A, h, w): channel k·A + a scores anchor a as background (k = 0) or object (k = 1). */
  readonly score: V;
  /** (N, 4A, h, w): channel 4a + j holds dx, dy, dw, dh of anchor a, in units of `rpnDeviations`. */
  readonly delta: V;
}

export function rpnLayers<V extends Value>(
  parameters: Parameters<V>,
  half: V,
  configuration: NetworkConfiguration,
): RpnOutputs<V> {
  const layer = layers(parameters);
  const anchors = anchorCount(configuration);
  const score = layer.convolution('rpn_cls_score', half, { filters: 2 * anchors, kernel: 1 });
  const delta = layer.convolution('rpn_bbox_pred', half, { filters: 4 * anchors, kernel: 1 });
  return { score, delta };
}

/** (N, 2A, h, w) to (N, 2, A·h, w): the two scores of an anchor become each other's only rivals. */
export function pairScores<V extends Value>(score: V): V {
  return named('rpn_cls_score_reshape', reshape(score, { shape: [0, 2, -1, 0] }));
}

/** The proposals (postNms per image, 5): image, x1, y1, x2, y2 in pixels of the network's input. */
export function propose<V extends Value>(
  scores: V,
  delta: V,
  imInfo: V,
  configuration: NetworkConfiguration,
  names: { readonly softmax: string; readonly reshaped: string; readonly manyImages: boolean },
): V {
  const { anchors, proposals, rpnDeviations } = configuration;
  const probability = named(names.softmax, softmaxActivation(scores, { mode: 'channel' }));
  const objectness = named(
    names.reshaped,
    reshape(probability, { shape: [0, 2 * anchorCount(configuration), -1, 0] }),
  );
  const boxes = rpnInverseNormalize(delta, { deviations: rpnDeviations });
  const { rois } = (names.manyImages ? multiProposal : proposal)(objectness, boxes, imInfo, {
    featureStride: FEATURE_STRIDE,
    scales: anchors.scales,
    ratios: anchors.ratios,
    preNms: proposals.preNms,
    postNms: proposals.postNms,
    threshold: proposals.nmsThreshold,
    minSize: proposals.minSize,
  });
  return named('rois', rois);
}

export interface RfcnOutputs<V> {
  /** (R, K): class scores before softmax. */
  readonly classScores: V;
  /** (R, 4 · boxGroups): box deltas; the last group of four is the object's. */
  readonly boxDeltas: V;
}

/** Position-sensitive votes, averaged over the bins of each region. */
export function rfcnLayers<V extends Value>(
  parameters: Parameters<V>,
  half: V,
  rois: V,
  configuration: NetworkConfiguration,
): RfcnOutputs<V> {
  const layer = layers(parameters);
  const { bins, classes, boxGroups } = configuration;
  const vote = (maps: string, pooled: string, averaged: string, outputs: number): V => {
    const x = layer.convolution(maps, half, { filters: bins * bins * outputs, kernel: 1 });
    const spatialScale = 1 / FEATURE_STRIDE;
    const geometry = { spatialScale, outputChannels: outputs, pooledSize: bins, groupSize: bins };
    const binned = named(pooled, psroiPooling(x, rois, geometry));
    return named(averaged, pooling(binned, { type: 'average', kernel: bins, global: true }));
  };
  const classVotes = vote('rfcn_cls', 'psroipooled_cls_rois', 'ave_cls_scors_rois', classes);
  const boxVotes = vote('rfcn_bbox', 'psroipooled_loc_rois', 'ave_bbox_pred_rois', 4 * boxGroups);
  return {
    classScores: named('cls_score_reshape', reshape(classVotes, { shape: [-1, classes] })),
    boxDeltas: named('bbox_pred_reshape', reshape(boxVotes, { shape: [-1, 4 * boxGroups] })),
  };
}

export interface DetectionOutputs<V> {
  /** (R, 5): image, x1, y1, x2, y2 in pixels of the network's input. */
  readonly rois_output: V;
  /** (1, R, K): class probabilities. */
  readonly cls_prob_reshape_output: V;
  /** (1, R, 4 · boxGroups): box deltas in real units, since the test weights include the deviations. */
  readonly bbox_pred_reshape_output: V;
}

/** Both stages at test time, on a feature map (N, C, h, w). `manyImages` is the variant for any number of images. */
export function detect<V extends Value>(
  parameters: Parameters<V>,
  feature: V,
  imInfo: V,
  configuration: NetworkConfiguration,
  manyImages: boolean,
): DetectionOutputs<V> {
  const { classes, boxGroups } = configuration;
  const { rpn, rfcn } = halves(feature);
  const { score, delta } = rpnLayers(parameters, rpn, configuration);
  const names = { softmax: 'rpn_cls_prob', reshaped: 'rpn_cls_prob_reshape', manyImages };
  const rois = propose(pairScores(score), delta, imInfo, configuration, names);
  const { classScores, boxDeltas } = rfcnLayers(parameters, rfcn, rois, configuration);
  const probability = named('cls_prob', softmaxActivation(classScores));
  return {
    rois_output: rois,
    cls_prob_reshape_output: named('cls_prob_reshape', reshape(probability, { shape: [1, -1, classes] })),
    bbox_pred_reshape_output: named(
      'bbox_pred_reshape',
      reshape(boxDeltas, { shape: [1, -1, 4 * boxGroups] }),
    ),
  };
}
