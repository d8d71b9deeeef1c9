/**
 * The official graphs, with official names of inputs, outputs, nodes and parameters.
 *
 *   key      a key frame: features from the residual network, kept for the frames that follow
 *   current  any other frame: features carried from the key frame
 *   batch    a key frame and the frames that follow it in one pass
 *   train    a training step of Deep Feature Flow
 *   frame, frame-train   Frame R-FCN, the same detector on every frame by itself
 *
 * Letters  h × w feature cells of 16 pixels, C feature channels, A anchors
 */
import { match } from 'ts-pattern';
import { type Graph, type Network, removeUnusedInputs, trace } from '../graph/index.ts';
import { concat, take, tileAs, type Value } from '../ops/index.ts';
import { DffError, FrameError } from '../tensor/errors.ts';
import type { Shape } from '../tensor/shape.ts';
import { anchorCount, FEATURE_STRIDE, featureChannels, type NetworkConfiguration } from './configuration.ts';
import { detect } from './heads.ts';
import { propagate } from './propagation.ts';
import { resnetFeature } from './resnet.ts';
import { mxnetPrefix } from './names.ts';
import { fedHostParts, type HostParts, officialHostParts, trainingLosses } from './training.ts';

export type NetworkKind = 'key' | 'current' | 'batch' | 'train' | 'frame' | 'frame-train';

export const networkKinds: readonly NetworkKind[] = [
  'key',
  'current',
  'batch',
  'train',
  'frame',
  'frame-train',
];

/** What the input shapes follow from. Heights and widths are those of the preprocessed images, in pixels. */
export interface NetworkSize {
  readonly height: number;
  readonly width: number;
  /** Frames besides the key frame (batch), or images (frame). Default 1. */
  readonly images?: number;
  /** Ground truth boxes of the training graphs. Default 1. */
  readonly boxes?: number;
  /**
   * Training graphs only: the results of the host parts (proposal targets, OHEM) are inputs, for this many regions.
   * Left out, they are operators, as in the official graph.
   */
  readonly regions?: number;
}

type KeyInputs = 'data' | 'im_info' | 'data_key' | 'feat_key';
type Detections = 'rois_output' | 'cls_prob_reshape_output' | 'bbox_pred_reshape_output';
type TrainInputs = 'im_info' | 'gt_boxes' | 'label' | 'bbox_target' | 'bbox_weight' | HostInputs;
type HostInputs = 'rois' | 'rcnn_bbox_target' | 'labels_ohem' | 'bbox_weights_ohem';
type Losses =
  | 'rpn_cls_prob_output'
  | 'rpn_bbox_loss_output'
  | 'cls_prob_reshape_output'
  | 'bbox_loss_reshape_output'
  | 'blockgrad0_output';
type KeyOutputs = 'data_key' | 'feat_key' | 'feat_conv_3x3_relu_output' | Detections;

/** A key frame. `data_key` and `feat_key` are passed through, so that both predictors have the same inputs. */
export const keyNetwork =
  (configuration: NetworkConfiguration): Network<KeyInputs, KeyOutputs> =>
  (parameters, { data, im_info, data_key, feat_key }) => {
    const feature = resnetFeature(parameters, data, configuration);
    const detections = detect(parameters, feature, im_info, configuration, false);
    return { data_key, feat_key, feat_conv_3x3_relu_output: feature, ...detections };
  };

/** Any other frame: `data_key` is the key frame's image, `feat_key` its feature map. */
export const currentNetwork =
  (configuration: NetworkConfiguration): Network<KeyInputs, Detections> =>
  (parameters, { data, im_info, data_key, feat_key }) => {
    const feature = propagate(parameters, data, data_key, feat_key, configuration);
    return { ...detect(parameters, feature, im_info, configuration, false) };
  };

/** A key frame and n others at once; regions come image by image, the key frame's first. */
export const batchNetwork =
  (configuration: NetworkConfiguration): Network<'data_key' | 'data_other' | 'im_info', Detections> =>
  (parameters, { data_key, data_other, im_info }) => {
    const feature = resnetFeature(parameters, data_key, configuration);
    const keys = tileAs(data_key, data_other);
    const keyFeatures = tileAs(feature, data_other);
    const others = propagate(parameters, data_other, keys, keyFeatures, configuration);
    return { ...detect(parameters, concat([feature, others], { axis: 0 }), im_info, configuration, true) };
  };

/** Frame R-FCN: the residual network on every image. */
export const frameNetwork =
  (configuration: NetworkConfiguration): Network<'data' | 'im_info', Detections> =>
  (parameters, { data, im_info }) => {
    const feature = resnetFeature(parameters, data, configuration);
    return { ...detect(parameters, feature, im_info, configuration, true) };
  };

/**
 * A training step on the current frame `data`, with `data_ref` as its key frame. `eq_flag` 1 says that both are the
 * same frame: then the feature is taken as it is, neither warped nor scaled.
 */
export const trainNetwork =
  (
    configuration: NetworkConfiguration,
    fed: boolean,
  ): Network<'data' | 'data_ref' | 'eq_flag' | TrainInputs, Losses> =>
  (parameters, { data, data_ref, eq_flag, ...inputs }) => {
    const feature = resnetFeature(parameters, data_ref, configuration);
    const carried = propagate(parameters, data, data_ref, feature, configuration);
    const chosen = take(concat([carried, feature], { axis: 0 }), eq_flag);
    return {
      ...trainingLosses(parameters, chosen, inputs, hostParts(inputs, configuration, fed), configuration),
    };
  };

/** A training step of Frame R-FCN. */
export const frameTrainNetwork =
  (configuration: NetworkConfiguration, fed: boolean): Network<'data' | TrainInputs, Losses> =>
  (parameters, { data, ...inputs }) => {
    const feature = resnetFeature(parameters, data, configuration);
    return {
      ...trainingLosses(parameters, feature, inputs, hostParts(inputs, configuration, fed), configuration),
    };
  };

function hostParts<V extends Value>(
  inputs: Readonly<Record<TrainInputs, V>>,
  configuration: NetworkConfiguration,
  fed: boolean,
): HostParts<V> {
  return fed ? fedHostParts(inputs) : officialHostParts(inputs.im_info, inputs.gt_boxes, configuration);
}

/** Cells of the feature map for a size in pixels: every halving on the way rounds up. */
export function featureCells(pixels: number): number {
  return Math.ceil(pixels / FEATURE_STRIDE);
}

/** @throws FrameError for images of less than 33 pixels a side, whose maps would be too small to warp */
export function checkImageSize(kind: string, { height, width }: NetworkSize): void {
  const enough = (side: number): boolean => Number.isSafeInteger(side) && side > FEATURE_STRIDE * 2;
  if (enough(height) && enough(width)) return;
  throw new FrameError(`network ${kind}: image is ${width}x${height} pixels, expected at least 33x33`);
}

/**
 * An official graph, traced for images of one size.
 *
 * @throws FrameError for images of less than 33 pixels a side
 * @example officialGraph('key', officialConfiguration, { height: 562, width: 1000 })
 */
export function officialGraph(
  kind: NetworkKind,
  configuration: NetworkConfiguration,
  size: NetworkSize,
): Graph {
  const { height, width, images = 1, boxes = 1, regions } = size;
  if (!networkKinds.includes(kind)) {
    throw new DffError(`network ${kind}: there is no such graph, only ${networkKinds.join(', ')}`);
  }
  checkImageSize(kind, size);
  const [h, w] = [featureCells(height), featureCells(width)];
  const image: Shape = [1, 3, height, width];
  const info: Shape = [1, 3];
  const anchors = anchorCount(configuration);
  const boxDeltas = 4 * configuration.boxGroups;
  const fed = regions !== undefined;
  const training = {
    im_info: info,
    gt_boxes: [1, boxes, 5],
    label: [1, anchors * h * w],
    bbox_target: [1, 4 * anchors, h, w],
    bbox_weight: [1, 4 * anchors, h, w],
    rois: [regions ?? 0, 5],
    rcnn_bbox_target: [regions ?? 0, boxDeltas],
    labels_ohem: [regions ?? 0],
    bbox_weights_ohem: [regions ?? 0, boxDeltas],
  };
  const current = { data: image, im_info: info, data_key: image };
  const options = { prefix: mxnetPrefix };
  return match(kind)
    .with('key', () =>
      trace(
        keyNetwork(configuration),
        { ...current, feat_key: [1, featureChannels(configuration), 1, 1] },
        options,
      ),
    )
    .with('current', () =>
      trace(
        currentNetwork(configuration),
        { ...current, feat_key: [1, featureChannels(configuration), h, w] },
        options,
      ),
    )
    .with('batch', () => {
      const shapes = { data_key: image, data_other: [images, 3, height, width], im_info: [images + 1, 3] };
      return trace(batchNetwork(configuration), shapes, options);
    })
    .with('frame', () => {
      const shapes = { data: [images, 3, height, width], im_info: [images, 3] };
      return trace(frameNetwork(configuration), shapes, options);
    })
    .with('train', () => {
      const shapes = { data: image, data_ref: image, eq_flag: [1], ...training };
      return removeUnusedInputs(trace(trainNetwork(configuration, fed), shapes, options));
    })
    .with('frame-train', () =>
      removeUnusedInputs(trace(frameTrainNetwork(configuration, fed), { data: image, ...training }, options)),
    )
    .exhaustive();
}
