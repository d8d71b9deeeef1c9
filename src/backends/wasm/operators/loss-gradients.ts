/** softmaxOutputGradient and makeLossGradient: what the losses start a backward pass with. */
import type { MakeLossAttributes, SoftmaxOutputAttributes } from '../../../ops/index.ts';
import { elementCount } from '../../../tensor/shape.ts';
import type { Address } from '../kernel.ts';
import { copyStridedKernel } from '../kernels/copy-strided.ts';
import { gradientScaleKernel } from '../kernels/gradient-scale.ts';
import { softmaxOutputGradientKernel } from '../kernels/softmax-output-gradient.ts';
import { FLOAT_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { lowerFill } from './map.ts';
import { float64s } from './numbers.ts';
import { repeating, rowMajor, walkStep } from './walk.ts';

/** Positions of an item. */
const ITEM_POSITIONS = 512;

export function lowerSoftmaxOutputGradient(lowering: NodeLowering): void {
  const attributes = lowering.node.attributes as Required<SoftmaxOutputAttributes>;
  const [N = 0, K = 0, ...rest] = lowering.inputs[0]!;
  const S = elementCount(rest);
  lowering.step(softmaxOutputGradientKernel, Math.ceil((N * S) / ITEM_POSITIONS), {
    probability: lowering.input(0, 'planar'),
    label: lowering.input(1, 'planar'),
    output: lowering.output(0, 'planar'),
    scale: scaleOf(lowering, N, S, attributes),
    ignored: float64s(lowering, attributes.useIgnore ? Math.trunc(attributes.ignoreLabel) : NaN),
    K,
    S,
    positions: N * S,
    itemPositions: ITEM_POSITIONS,
  });
}

/** Where the factor of the gradient is; every step of it is rounded to float32. */
function scaleOf(
  lowering: NodeLowering,
  N: number,
  S: number,
  { multiOutput, ignoreLabel, normalization, gradScale }: Required<SoftmaxOutputAttributes>,
): Address {
  const scale = Math.fround(gradScale);
  if (normalization === 'valid') {
    return countedScale(lowering, 'other than', 1, Math.trunc(ignoreLabel), scale);
  }
  const perSample = multiOutput ? Math.fround(scale / S) : scale;
  return lowering.constant(Float32Array.of(normalization === 'batch' ? perSample / N : perSample));
}

/** Where scale / max(1, count) is, for a count of the numbers of an input. */
function countedScale(
  lowering: NodeLowering,
  counted: 'above' | 'other than',
  input: number,
  bound: number,
  scale: number,
): Address {
  const output = lowering.scratch(FLOAT_BYTES);
  lowering.step(gradientScaleKernel(counted), 1, {
    data: lowering.input(input, 'planar'),
    total: elementCount(lowering.inputs[input]!),
    bound: float64s(lowering, bound),
    scale,
    output,
  });
  return output;
}

export function lowerMakeLossGradient(lowering: NodeLowering): void {
  const { gradScale, normalization, validThreshold } = lowering.node
    .attributes as Required<MakeLossAttributes>;
  const data = lowering.inputs[0]!;
  const scale = Math.fround(gradScale);
  if (normalization !== 'valid') {
    const count = normalization === 'batch' ? (data[0] ?? 1) : 1;
    lowerFill(scale / count)(lowering);
    return;
  }
  const counted = countedScale(lowering, 'above', 0, Math.fround(validThreshold), scale);
  const one = data.map(() => 1);
  const target = rowMajor(lowering.output(0, 'planar'), data);
  walkStep(lowering, copyStridedKernel, data, [repeating(counted, one), target], {});
}
