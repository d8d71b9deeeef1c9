/** The peer: TensorFlow.js, its plain JavaScript backend. */
import { version_cpu } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { ConvolutionAttributes } from '../src/ops/index.ts';
import { pair } from '../src/ops/index.ts';
import { fromNdarray, type Tensor, tensor, view } from '../src/tensor/index.ts';

tf.enableProdMode(); // no search for NaN in each result

export const tensorflowVersion: string = version_cpu;

export interface Peer {
  /** Computes and throws the result away. */
  readonly run: () => void;
  /** The result as NCHW. */
  readonly read: () => Tensor;
  readonly dispose: () => void;
}

/** Their convolution of the same numbers, laid out as they like them. */
export function tensorflow(data: Tensor, weight: Tensor, attributes: ConvolutionAttributes): Peer {
  const x = tf.tensor4d(reordered(data, [0, 2, 3, 1]).data as Float32Array, shapeOf(data, [0, 2, 3, 1]));
  const filter = tf.tensor4d(
    reordered(weight, [2, 3, 1, 0]).data as Float32Array,
    shapeOf(weight, [2, 3, 1, 0]),
  );
  const { stride = 1, pad = 0, dilation = 1 } = attributes;
  const [padY, padX] = pair(pad);
  const padding: [[number, number], [number, number], [number, number], [number, number]] = [
    [0, 0],
    [padY, padY],
    [padX, padX],
    [0, 0],
  ];
  const compute = (): tf.Tensor4D =>
    tf.conv2d(x, filter, [...pair(stride)], padding, 'NHWC', [...pair(dilation)], 'floor');
  return {
    run: () => compute().dispose(),
    read: () => {
      const result = compute();
      const nhwc = tensor(result.shape, result.dataSync());
      result.dispose();
      return reordered(nhwc, [0, 3, 1, 2]);
    },
    dispose: () => tf.dispose([x, filter]),
  };
}

function reordered(source: Tensor, order: readonly number[]): Tensor {
  return fromNdarray(view(source).transpose(...order), 'float32');
}

function shapeOf({ shape }: Tensor, order: readonly number[]): [number, number, number, number] {
  return order.map((axis) => shape[axis]!) as [number, number, number, number];
}
