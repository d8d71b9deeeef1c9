/** The numbers that both contenders get. */
import type { PsroiPoolingAttributes } from '../../../src/ops/index.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import { elementCount, full, tensor } from '../../../src/tensor/index.ts';
import { randomTensor, uniform } from '../../random.ts';
import type { LayerWork } from '../work.ts';

export interface LayerInputs {
  readonly data: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** Results have a deviation of about 1, whatever the layer, and a ReLU meets both signs. */
export function layerInputs(layer: LayerWork, seed: number = 1): LayerInputs {
  const random = uniform(seed);
  const outputs = layer.weight[layer.kind === 'convolution' ? 0 : 1]!;
  const inputs = elementCount(layer.weight) / outputs;
  return {
    data: randomTensor(layer.data, random),
    weight: randomTensor(layer.weight, random, 1 / Math.sqrt(inputs)),
    bias: randomTensor([outputs], random),
  };
}

/** The key feature of the official network for images of 600 x 1000. */
const warpShape = { channels: 1024, height: 38, width: 63 };

export interface WarpInputs {
  /** (1, C, H, W) */
  readonly feature: Tensor;
  /** (1, 2, H, W): right and down. */
  readonly flow: Tensor;
  readonly scale: Tensor;
}

export function warpInputs(): WarpInputs {
  const { channels, height, width } = warpShape;
  const random = uniform(2);
  return {
    feature: randomTensor([1, channels, height, width], random),
    flow: smoothFlow(height, width),
    scale: randomTensor([1, channels, height, width], random),
  };
}

/** As motion is, much the same for neighbours: up to 12 pixels, so that some of it points outside the map. */
function smoothFlow(height: number, width: number): Tensor {
  const data = new Float32Array(2 * height * width);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      data[at] = 12 * Math.sin(x / 9) * Math.cos(y / 7);
      data[height * width + at] = 12 * Math.cos(x / 11 + y / 5);
    }
  }
  return tensor([1, 2, height, width], data);
}

/** R-FCN's class scores: a map for each of 31 classes and 7 x 7 bins, 38 x 63 pixels, for images of 600 x 1000. */
export const psroiAttributes: PsroiPoolingAttributes = {
  spatialScale: 1 / 16,
  outputChannels: 31,
  pooledSize: 7,
};
const REGIONS = 300;

export interface PsroiInputs {
  readonly data: Tensor;
  /** (R, 5): image, x1, y1, x2, y2 */
  readonly rois: Tensor;
}

/** Regions of all sizes, as a proposal layer gives them: inside the image. */
export function psroiInputs(): PsroiInputs {
  const random = uniform(3);
  const sides = (size: number): [number, number] => {
    const length = 16 * (size / 16) ** random();
    const start = random() * (size - length);
    return [start, start + length - 1];
  };
  const rows = Array.from({ length: REGIONS }, () => {
    const [[x1, x2], [y1, y2]] = [sides(1000), sides(600)];
    return [0, x1, y1, x2, y2];
  });
  return { data: randomTensor([1, 31 * 49, 38, 63], random), rois: tensor([REGIONS, 5], rows.flat()) };
}

/** What a crop is told its size by. */
export const like = ([rows, columns]: readonly [number, number]): Tensor => full([1, 1, rows, columns], 0);
