/** The convolution that one would write first: one loop for each index. */
import type { Tensor } from '../../../src/tensor/index.ts';
import type { Layer } from './layer.ts';

/** The image with a border of zeros of one pixel. */
export function framed({ C, H, W, data }: Layer): Float32Array {
  const frame = new Float32Array(C * (H + 2) * (W + 2));
  for (let c = 0; c < C; c++) {
    for (let y = 0; y < H; y++) {
      const row = (data.data as Float32Array).subarray((c * H + y) * W, (c * H + y + 1) * W);
      frame.set(row, (c * (H + 2) + y + 1) * (W + 2) + 1);
    }
  }
  return frame;
}

export function naiveConvolution(layer: Layer): Tensor {
  const { C, O, H, W } = layer;
  const data = framed(layer);
  const weight = layer.weight.data as Float32Array;
  const out = new Float32Array(O * H * W);
  for (let o = 0; o < O; o++) {
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        let sum = 0;
        for (let c = 0; c < C; c++) {
          for (let i = 0; i < 3; i++) {
            for (let j = 0; j < 3; j++) {
              const value = data[(c * (H + 2) + y + i) * (W + 2) + x + j]!;
              sum += value * weight[((o * C + c) * 3 + i) * 3 + j]!;
            }
          }
        }
        out[(o * H + y) * W + x] = sum;
      }
    }
  }
  return { shape: [1, O, H, W], dtype: 'float32', data: out };
}
