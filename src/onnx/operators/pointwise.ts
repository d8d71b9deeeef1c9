/** Functions of single elements. */
import type { ClipAttributes, LeakyReluAttributes, SmoothL1Attributes } from '../../ops/index.ts';
import { type Call, type Converter, scalar } from '../converter.ts';

const unary =
  (type: string): Converter =>
  ({ inputs, emit }) =>
    emit(type, inputs);

export const relu: Converter = unary('Relu');
export const sigmoid: Converter = unary('Sigmoid');
export const exp: Converter = unary('Exp');
export const log: Converter = unary('Log');
export const sqrt: Converter = unary('Sqrt');

export const leakyRelu: Converter<LeakyReluAttributes> = ({ inputs, attributes, emit }) =>
  emit('LeakyRelu', inputs, { alpha: { float: attributes.slope } });

/** The activation of fused operators: slope 1 is none, 0 is relu. */
export function activation({ emit }: Pick<Call, 'emit'>, data: string, slope: number): string {
  if (slope === 1) return data;
  return slope === 0 ? emit('Relu', [data]) : emit('LeakyRelu', [data], { alpha: { float: slope } });
}

export const clip: Converter<ClipAttributes> = (call) => {
  const { min, max } = call.attributes;
  return call.emit('Clip', [call.inputs[0]!, scalar(call, 'min', min), scalar(call, 'max', max)]);
};

/** Booleans as 0 and 1. */
const FLOAT32 = 1;
const asNumbers = ({ emit }: Pick<Call, 'emit'>, condition: string): string =>
  emit('Cast', [condition], { to: { int: FLOAT32 } });

export const heaviside: Converter = (call) =>
  asNumbers(call, call.emit('Greater', [call.inputs[0]!, scalar(call, 'zero', 0)]));

/** Written with what is outside, so that NaN counts as inside. */
export const withinRange: Converter<ClipAttributes> = (call) => {
  const { attributes, emit } = call;
  const [data] = call.inputs;
  const above = emit('Greater', [data!, scalar(call, 'max', attributes.max)]);
  const below = emit('Less', [data!, scalar(call, 'min', attributes.min)]);
  return asNumbers(call, emit('Not', [emit('Or', [above, below])]));
};

export const smoothL1: Converter<SmoothL1Attributes> = (call) => {
  const { emit } = call;
  const sigma = Math.fround(call.attributes.sigma);
  const curvature = sigma * sigma;
  const size = emit('Abs', call.inputs);
  const isFar = emit('Greater', [size, scalar(call, 'reach', 1 / curvature)]);
  const line = emit('Sub', [size, scalar(call, 'offset', 0.5 / curvature)]);
  const half = emit('Mul', [size, scalar(call, 'half_curvature', 0.5 * curvature)]);
  return emit('Where', [isFar, line, emit('Mul', [half, size])]);
};

/** What only says something about gradients. */
export const identity: Converter = ({ inputs }) => inputs[0]!;

const filled =
  (value: number): Converter =>
  ({ outputShapes, integers, emit }) =>
    emit('ConstantOfShape', [integers('shape', outputShapes[0]!)], { value: { fill: value } });

export const zerosLike: Converter = filled(0);
export const onesLike: Converter = filled(1);
