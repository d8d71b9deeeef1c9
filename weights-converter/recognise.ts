/** Which network a checkpoint is for, from the names and shapes of its arrays alone. */
import {
  anchorCount,
  configure,
  type NetworkConfiguration,
  officialConfiguration,
} from '../src/nets/index.ts';
import { ParameterError } from '../src/tensor/errors.ts';
import { formatShape, type Shape } from '../src/tensor/shape.ts';

/** `dff`: Deep Feature Flow. `frame`: Frame R-FCN, the same without a flow network. */
export type NetworkFamily = 'dff' | 'frame';

export interface NetworkDescription {
  readonly family: NetworkFamily;
  readonly configuration: NetworkConfiguration;
}

/** What a checkpoint is looked at by: names and shapes. */
export type Shapes = ReadonlyMap<string, Shape>;

/**
 * Recognises a network. Shapes tell its depth, width, flow network, classes and number of anchors; what they do not tell
 * (scales and ratios of the anchors, settings of the proposals) is taken from `known`, else it is official.
 *
 * @param file what messages call the checkpoint
 * @throws ParameterError when it is no network of this family, or has another number of anchors than `known` says
 */
export function recognise(
  shapes: Shapes,
  known: Partial<NetworkConfiguration> = {},
  file = 'checkpoint',
): NetworkDescription {
  const size = (name: string): number => firstSize(shapes, name, file);
  const whole = (name: string, value: number): number => {
    if (Number.isSafeInteger(value) && value > 0) return value;
    throw new ParameterError(
      `${file}: neither Deep Feature Flow nor Frame R-FCN, ${name} has ${size(name)} filters`,
    );
  };
  const stem = size('conv1_weight');
  const bins = known.bins ?? officialConfiguration.bins;
  const family = shapes.has('flow_conv1_weight') ? 'dff' : 'frame';
  const half = family === 'dff' && size('flow_conv1_weight') * 2 === stem;
  const configuration = configure({
    depth: recogniseDepth(shapes, file),
    widthDivisor: whole('conv1_weight', 64 / stem),
    flowNetwork: half ? 'half' : 'simple',
    classes: whole('rfcn_cls_weight', size('rfcn_cls_weight') / bins ** 2),
    boxGroups: whole('rfcn_bbox_weight', size('rfcn_bbox_weight') / (4 * bins ** 2)),
    ...known,
  });
  const anchors = whole('rpn_cls_score_weight', size('rpn_cls_score_weight') / 2);
  if (anchors !== anchorCount(configuration)) {
    throw new ParameterError(
      `${file}: has ${anchors} anchors per cell, expected ${anchorCount(configuration)}; say which scales and ratios they have`,
    );
  }
  return { family, configuration };
}

function firstSize(shapes: Shapes, name: string, file: string): number {
  const shape = shapes.get(name);
  if (shape === undefined) {
    throw new ParameterError(`${file}: neither Deep Feature Flow nor Frame R-FCN, it has no ${name}`);
  }
  return shape[0] ?? 0;
}

/** By the number of units in stage 4 of the residual network. */
function recogniseDepth(shapes: Shapes, file: string): 50 | 101 {
  const units = [...shapes.keys()].filter((name) => /^res4\w+_branch2a_weight$/.test(name)).length;
  if (units === 6) return 50;
  if (units === 23) return 101;
  if (units === 0) {
    throw new ParameterError(
      `${file}: neither Deep Feature Flow nor Frame R-FCN, it has no res4..._branch2a_weight`,
    );
  }
  throw new ParameterError(
    `${file}: has ${units} residual units in stage 4 (res4..._branch2a_weight), expected 6 (ResNet-50) or 23 (ResNet-101)`,
  );
}

/** `Deep Feature Flow, ResNet-101, FlowNet Simple, 31 classes`: a network in words. */
export function describeNetwork({ family, configuration }: NetworkDescription): string {
  const { depth, flowNetwork, classes, widthDivisor } = configuration;
  const parts = [
    family === 'dff' ? 'Deep Feature Flow' : 'Frame R-FCN',
    `ResNet-${depth}`,
    ...(family === 'dff' ? [`FlowNet ${flowNetwork === 'half' ? 'Half' : 'Simple'}`] : []),
    `${classes} classes`,
    ...(widthDivisor === 1 ? [] : [`1/${widthDivisor} of the official width`]),
  ];
  return parts.join(', ');
}

/** `conv1_weight (64x3x7x7)`, for messages. */
export function nameAndShape(name: string, shape: Shape): string {
  return `${name} (${formatShape(shape)})`;
}
