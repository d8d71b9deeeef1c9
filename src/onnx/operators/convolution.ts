/** Convolutions and deconvolutions, with what is fused to them. Weights lie in ONNX as they do here. */
import {
  type ConvolutionAttributes,
  deconvolutionOperator,
  type DeconvolutionAttributes,
  type FusedConvolutionAttributes,
  type FusedDeconvolutionAttributes,
  pair,
  type Pair,
  type WindowAttributes,
} from '../../ops/index.ts';
import type { Call, Converter, OnnxAttributes } from '../converter.ts';
import { activation } from './pointwise.ts';

function windowAttributes(
  { inputShapes }: Pick<Call, 'inputShapes'>,
  { stride, pad, dilation, groups }: Required<WindowAttributes>,
): OnnxAttributes {
  return {
    kernel_shape: { ints: inputShapes[1]!.slice(2) },
    strides: { ints: pair(stride) },
    dilations: { ints: pair(dilation) },
    group: { int: groups },
    pads: { ints: [...pair(pad), ...pair(pad)] },
  };
}

export const convolution: Converter<ConvolutionAttributes> = (call) =>
  call.emit('Conv', call.inputs, windowAttributes(call, call.attributes));

export const fusedConvolution: Converter<FusedConvolutionAttributes> = (call) => {
  const [data, weight, bias, residual] = call.inputs;
  const layer = [data!, weight!, ...(bias === undefined ? [] : [bias])];
  const sum = call.emit('Conv', layer, windowAttributes(call, call.attributes));
  const joined = residual === undefined ? sum : call.emit('Add', [sum, residual]);
  return activation(call, joined, call.attributes.slope);
};

/** Rows and columns cut from the whole deconvolution. */
interface Cut {
  readonly before: Pair;
  readonly after: Pair;
}

/** In ONNX a deconvolution's padding is what is cut from its result, so a crop is more padding. */
function transposed(call: Call<DeconvolutionAttributes>, { before, after }: Cut): string {
  const { pad, adjust } = call.attributes;
  const [top, left] = pair(before);
  const [below, right] = pair(after);
  const [padY, padX] = pair(pad);
  return call.emit('ConvTranspose', call.inputs, {
    ...windowAttributes(call, call.attributes),
    pads: { ints: [padY + top, padX + left, padY + below, padX + right] },
    output_padding: { ints: pair(adjust) },
  });
}

export const deconvolution: Converter<DeconvolutionAttributes> = (call) =>
  transposed(call, { before: 0, after: 0 });

export const fusedDeconvolution: Converter<FusedDeconvolutionAttributes> = (call) => {
  const { offset, size, slope } = call.attributes;
  const [data, weight, bias] = call.inputShapes;
  const [full] = deconvolutionOperator.shape([data!, weight!, bias], call.attributes);
  const [top, left] = pair(offset);
  const [rows, columns] = pair(size);
  const after = [full[2]! - top - rows, full[3]! - left - columns] as const;
  return activation(call, transposed(call, { before: offset, after }), slope);
};
