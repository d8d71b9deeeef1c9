/** Batch norm, softmax, and the normalisation of box corrections. */
import type {
  BatchNormAttributes,
  RpnInverseNormalizeAttributes,
  SoftmaxAttributes,
} from '../../ops/index.ts';
import { type Call, type Converter, scalar } from '../converter.ts';

export const batchNorm: Converter<BatchNormAttributes> = (call) =>
  call.attributes.statistics === 'moving' ? withMoving(call) : withBatch(call);

function withMoving(call: Call<BatchNormAttributes>): readonly string[] {
  const [data, , beta, mean, variance] = call.inputs;
  const attributes = { epsilon: { float: call.attributes.epsilon } };
  const output = call.emit('BatchNormalization', [data!, scaleOf(call), beta!, mean!, variance!], attributes);
  return [output, mean!, variance!];
}

/** ONNX has this in training mode, which few programs that run models do; so it is written out. */
function withBatch(call: Call<BatchNormAttributes>): readonly string[] {
  const { emit, inputShapes, attributes } = call;
  const [data, , beta, mean, variance] = call.inputs;
  const channels = inputShapes[1]!;
  const rank = inputShapes[0]!.length;
  const axes = { axes: { ints: [...new Array(rank).keys()].filter((axis) => axis !== 1) } };
  const list = call.integers('channels', channels);
  const along = call.integers('along', [1, ...channels, ...new Array<number>(rank - 2).fill(1)]);
  const batchMean = emit('ReduceMean', [data!], axes);
  const centred = emit('Sub', [data!, batchMean]);
  const batchVariance = emit('ReduceMean', [emit('Mul', [centred, centred])], axes);
  const stable = emit('Add', [batchVariance, scalar(call, 'epsilon', attributes.epsilon)]);
  const standard = emit('Div', [centred, emit('Sqrt', [stable])]);
  const scaled = emit('Mul', [standard, emit('Reshape', [scaleOf(call), along])]);
  const output = emit('Add', [scaled, emit('Reshape', [beta!, along])]);
  const old = scalar(call, 'old', attributes.momentum);
  const fresh = scalar(call, 'new', 1 - attributes.momentum);
  const moved = (kept: string, batch: string): string =>
    emit('Add', [emit('Mul', [kept, old]), emit('Mul', [emit('Reshape', [batch, list]), fresh])]);
  return [output, moved(mean!, batchMean), moved(variance!, batchVariance)];
}

function scaleOf(call: Call<BatchNormAttributes>): string {
  if (!call.attributes.fixGamma) return call.inputs[1]!;
  const channels = call.inputShapes[1]!;
  return call.floats('ones', channels, new Array<number>(channels[0]!).fill(1));
}

export const softmax: Converter<SoftmaxAttributes> = (call) => {
  const { axis, temperature } = call.attributes;
  const [data] = call.inputs;
  const cooled =
    temperature === 1 ? data! : call.emit('Div', [data!, scalar(call, 'temperature', temperature)]);
  return call.emit('Softmax', [cooled], { axis: { int: axis } });
};

/** Over the classes, axis 1. The label of softmaxOutput matters to gradients alone. */
export const softmaxOverClasses: Converter = ({ inputs, emit }) =>
  emit('Softmax', [inputs[0]!], { axis: { int: 1 } });

export const rpnInverseNormalize: Converter<RpnInverseNormalizeAttributes> = (call) => {
  const { means, deviations } = call.attributes;
  const channels = call.inputShapes[0]![1]!;
  const perChannel = (what: string, values: readonly number[]): string =>
    call.floats(
      what,
      [1, channels, 1, 1],
      Array.from({ length: channels }, (_, c) => values[c % 4]!),
    );
  const scaled = call.emit('Mul', [call.inputs[0]!, perChannel('deviations', deviations)]);
  return means.every((mean) => mean === 0) ? scaled : call.emit('Add', [scaled, perChannel('means', means)]);
};
