/** Their layers, and a warp composed of gathers: the best way that they have. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '../../../src/tensor/index.ts';
import { layerComputation } from '../../tensorflow-layers.ts';
import type { LayerWork } from '../work.ts';
import type { Contender } from './contender.ts';
import type { LayerInputs, WarpInputs } from './inputs.ts';
import { toNchw, toNhwc } from './layouts.ts';
import { type Tensorflow, tensorflowContender } from './tensorflow.ts';

export function tensorflowLayer(theirs: Tensorflow, layer: LayerWork, inputs: LayerInputs): Contender {
  const { tensors, compute } = layerComputation(layer, inputs);
  return tensorflowContender(theirs, Object.values(tensors), compute, toNchw);
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
