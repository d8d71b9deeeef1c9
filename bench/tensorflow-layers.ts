/** Convolution and deconvolution of TensorFlow.js, each the best way that it has, on whichever backend is set. */
import * as tf from '@tensorflow/tfjs-core';
import { pair } from '../src/ops/index.ts';
import type { Tensor } from '../src/tensor/index.ts';
import type { LayerInputs } from './gpu/page/inputs.ts';
import { permuted, toNhwc } from './gpu/page/layouts.ts';
import type { LayerWork } from './gpu/work.ts';

type Padding = [[number, number], [number, number], [number, number], [number, number]];

export interface LayerTensors {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly bias: tf.Tensor1D;
}

/** A layer's numbers as their tensors, to be disposed of by the caller, and what computes its NHWC result from them. */
export function layerComputation(
  layer: LayerWork,
  inputs: LayerInputs,
): { readonly tensors: LayerTensors; readonly compute: () => tf.Tensor4D } {
  const x = upload(toNhwc(inputs.data)) as tf.Tensor4D;
  const filter = upload(permuted(inputs.weight, [2, 3, 1, 0])) as tf.Tensor4D; // both kinds: (I, J, in, out) to them
  const bias = upload(inputs.bias) as tf.Tensor1D;
  const compute =
    layer.kind === 'convolution' ? convolve(layer, x, filter, bias) : deconvolve(layer, x, filter, bias);
  return { tensors: { x, filter, bias }, compute };
}

function upload({ shape, data }: Tensor): tf.Tensor {
  return tf.tensor(data, [...shape], 'float32');
}

/** Bias and activation are part of it. */
function convolve(
  layer: LayerWork,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
): () => tf.Tensor4D {
  const [padY, padX] = pair(layer.pad);
  const pad: Padding = [
    [0, 0],
    [padY, padY],
    [padX, padX],
    [0, 0],
  ];
  const activation = layer.slope === 0 ? 'relu' : layer.slope === 1 ? 'linear' : 'leakyrelu';
  const strides: [number, number] = [...pair(layer.stride)];
  const dilations: [number, number] = [...pair(layer.dilation)];
  return () =>
    tf.fused.conv2d({
      x,
      filter,
      strides,
      pad,
      dilations,
      dimRoundingMode: 'floor',
      bias,
      activation,
      leakyreluAlpha: layer.slope,
    });
}

/**
 * Theirs has no bias and no activation, but its padding is subtracted, so what we crop they need not compute: one row
 * and column at the start and whatever is left at the end.
 */
function deconvolve(
  layer: LayerWork,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
): () => tf.Tensor4D {
  const [, , H, W] = layer.data as [number, number, number, number];
  const [, O, I, J] = layer.weight as [number, number, number, number];
  const stride: [number, number] = [...pair(layer.stride)];
  if (!layer.crop) throw new Error(`${layer.name}: expected a crop`);
  const [P, Q] = layer.crop;
  const pad: Padding = [
    [0, 0],
    [1, stride[0] * (H - 1) + I - P - 1],
    [1, stride[1] * (W - 1) + J - Q - 1],
    [0, 0],
  ];
  return () => {
    // Its type knows numbers only; its kernels take what conv2d takes.
    const padding = pad as unknown as 'valid';
    const enlarged = tf.add<tf.Tensor4D>(
      tf.conv2dTranspose(x, filter, [1, P, Q, O], stride, padding, 'floor'),
      bias,
    );
    return layer.slope === 1 ? enlarged : tf.leakyRelu(enlarged, layer.slope);
  };
}
