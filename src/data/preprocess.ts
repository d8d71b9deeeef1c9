/**
 * From pixels to the network's input, bit for bit as the official code: resize by the scale rule, pad to a multiple of
 * `imageStride` if asked for, subtract the mean of each channel.
 *
 * The subtraction happens in double precision and is then rounded to float32. A sample has only 256 values, so each
 * difference is computed once and looked up.
 */
import { FrameError } from '../tensor/errors.ts';
import { type Tensor, tensor } from '../tensor/tensor.ts';
import type { Image } from './image.ts';
import { resize, scaleFactor } from './resize.ts';

export interface PreprocessSettings {
  /** What the shorter side becomes, in pixels. Default 600. */
  readonly shortSide?: number;
  /** What the longer side may not exceed, in pixels. Default 1000. */
  readonly longSide?: number;
  /** Means to subtract, in the order R, G, B. Default 123.15, 115.90, 103.06. */
  readonly pixelMeans?: readonly [red: number, green: number, blue: number];
  /** Pad with black at the bottom and right to a multiple of this, before the means. Default 0: no padding. */
  readonly imageStride?: number;
}

/** The official settings. */
export const preprocessDefaults: Required<PreprocessSettings> = {
  shortSide: 600,
  longSide: 1000,
  pixelMeans: [123.15, 115.9, 103.06],
  imageStride: 0,
};

export interface NetworkInput {
  /** (1, 3, H, W): the planes R, G, B less their means. */
  readonly data: Tensor;
  /** (1, 3): H, W and the scale, as the network reads them. */
  readonly imInfo: Tensor;
  /** Network pixels per image pixel: the scale asked for, not the ratio of the rounded sizes. */
  readonly scale: number;
}

/**
 * The network's input for an image.
 *
 * @throws FrameError when a setting is not a positive number, or the image is too thin to be resized
 * @example const { data, imInfo } = preprocess(image, { shortSide: 150, longSide: 250 })
 */
export function preprocess(source: Image, settings: PreprocessSettings = {}): NetworkInput {
  const { shortSide, longSide, pixelMeans, imageStride } = { ...preprocessDefaults, ...settings };
  checkSettings(shortSide, longSide, imageStride);
  const scale = scaleFactor(source.width, source.height, shortSide, longSide);
  const small = resize(source, scale);
  const data = planes(small, pixelMeans, imageStride);
  const [, , H = 0, W = 0] = data.shape;
  return { data, imInfo: tensor([1, 3], [H, W, scale]), scale };
}

function checkSettings(shortSide: number, longSide: number, imageStride: number): void {
  if (!(shortSide > 0 && longSide >= shortSide && longSide < Infinity)) {
    const sides = `short side ${shortSide}, long side ${longSide}`;
    throw new FrameError(
      `preprocess: ${sides}, expected positive numbers, the long side not below the short one`,
    );
  }
  if (!(Number.isSafeInteger(imageStride) && imageStride >= 0)) {
    throw new FrameError(`preprocess: image stride is ${imageStride}, expected a whole number of at least 0`);
  }
}

/** Three planes less their means, padded to a multiple of the stride with black, which the means make negative. */
function planes({ width, height, data }: Image, means: readonly number[], stride: number): Tensor {
  const [W, H] = [width, height].map((size) => (stride > 0 ? Math.ceil(size / stride) * stride : size));
  const out = new Float32Array(3 * H! * W!);
  for (let channel = 0; channel < 3; channel++) {
    const difference = Float32Array.from({ length: 256 }, (_, sample) => sample - means[channel]!);
    const plane = out.subarray(channel * H! * W!, (channel + 1) * H! * W!);
    if (W !== width || H !== height) plane.fill(difference[0]!);
    for (let y = 0; y < height; y++) {
      let to = y * W!;
      const end = (y + 1) * width * 3;
      for (let from = y * width * 3 + channel; from < end; from += 3) plane[to++] = difference[data[from]!]!;
    }
  }
  return tensor([1, 3, H!, W!], out);
}
