/** Their convolution, deconvolution and, composed of gathers, warp: each the best way that they have. */
import * as tf from '@tensorflow/tfjs-core';
import { pair } from '../../../src/ops/index.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import type { LayerWork } from '../work.ts';
import type { Contender } from './contender.ts';
import type { LayerInputs, WarpInputs } from './inputs.ts';
import { permuted, toNchw, toNhwc } from './layouts.ts';
import { type Tensorflow, tensorflowContender } from './tensorflow.ts';

type Padding = [[number, number], [number, number], [number, number], [number, number]];

export function tensorflowLayer(theirs: Tensorflow, layer: LayerWork, inputs: LayerInputs): Contender {
  const x = upload(toNhwc(inputs.data)) as tf.Tensor4D;
  const filter = upload(permuted(inputs.weight, [2, 3, 1, 0])) as tf.Tensor4D; // both kinds: (I, J, in, out) to them
  const bias = upload(inputs.bias) as tf.Tensor1D;
  const compute =
    layer.kind === 'convolution' ? convolve(layer, x, filter, bias) : deconvolve(layer, x, filter, bias);
  return tensorflowContender(theirs, [x, filter, bias], compute, toNchw);
}

function upload({ shape, data }: Tensor): tf.Tensor {
  return tf.tensor(data, [...shape], 'float32');
}

/** Bias and activation are part of it. */
function convolve(layer: LayerWork, x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D): () => tf.Tensor {
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
): () => tf.Tensor {
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
    const enlarged = tf.add(tf.conv2dTranspose(x, filter, [1, P, Q, O], stride, padding, 'floor'), bias);
    return layer.slope === 1 ? enlarged : tf.leakyRelu(enlarged, layer.slope);
  };
}

/** Bilinear sampling with zeros outside: four gathers of rows of channels, each with its weight and mask. */
export function tensorflowWarp(theirs: Tensorflow, inputs: WarpInputs): Contender {
  const [, C, H, W] = inputs.feature.shape as [number, number, number, number];
  const rowsOfChannels = (nchw: Tensor): tf.Tensor2D =>
    tf.tensor2d(toNhwc(nchw).data as Float32Array, [H * W, C]);
  const [feature, scale] = [rowsOfChannels(inputs.feature), rowsOfChannels(inputs.scale)];
  const plane = (of: (y: number, x: number) => number): tf.Tensor1D =>
    tf.tensor1d(Float32Array.from({ length: H * W }, (_, p) => of(Math.floor(p / W), p % W)));
  const flow = inputs.flow.data;
  const [flowX, flowY] = [plane((y, x) => flow[y * W + x]!), plane((y, x) => flow[(H + y) * W + x]!)];
  const [columns, rows] = [plane((_, x) => x), plane((y) => y)];

  const corner = (y: tf.Tensor, x: tf.Tensor, share: tf.Tensor): tf.Tensor => {
    const within = (value: tf.Tensor, size: number): tf.Tensor =>
      tf.logicalAnd(tf.greaterEqual(value, 0), tf.lessEqual(value, size - 1));
    const inside = tf.cast(tf.logicalAnd(within(y, H), within(x, W)), 'float32');
    const [row, column] = [tf.clipByValue(y, 0, H - 1), tf.clipByValue(x, 0, W - 1)];
    const index = tf.cast(tf.add(tf.mul(row, W), column), 'int32');
    return tf.mul(tf.gather(feature, index as tf.Tensor1D), tf.expandDims(tf.mul(share, inside), 1));
  };
  const compute = (): tf.Tensor => {
    const [x, y] = [tf.add(columns, flowX), tf.add(rows, flowY)];
    const [left, top] = [tf.floor(x), tf.floor(y)];
    const [right, bottom] = [tf.add(left, 1), tf.add(top, 1)];
    const [toRight, toBottom] = [tf.sub(x, left), tf.sub(y, top)];
    const [toLeft, toTop] = [tf.sub(1, toRight), tf.sub(1, toBottom)];
    const upper = tf.add(
      corner(top, left, tf.mul(toTop, toLeft)),
      corner(top, right, tf.mul(toTop, toRight)),
    );
    const lower = tf.add(
      corner(bottom, left, tf.mul(toBottom, toLeft)),
      corner(bottom, right, tf.mul(toBottom, toRight)),
    );
    return tf.mul(tf.add(upper, lower), scale);
  };
  return tensorflowContender(theirs, [feature, scale, flowX, flowY, columns, rows], compute, ({ data }) =>
    toNchw({ shape: [1, H, W, C], dtype: 'float32', data }),
  );
}
