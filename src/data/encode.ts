/** Encoding images as PNG and JPEG. Both encoders are loaded when first used. */
import { FrameError } from '../tensor/errors.ts';
import type { Image } from './image.ts';
import { discardJpegCodec, jpegEncoder } from './jpeg-codec.ts';

/** The image as a PNG file, without loss. */
export async function encodePng({ width, height, data }: Image): Promise<Uint8Array> {
  const { encode } = await import('fast-png');
  return encode({ width, height, data, channels: 3, depth: 8 });
}

export interface JpegOptions {
  /** 1 to 100. Default 90. */
  readonly quality?: number;
  /** The compiled `mozjpeg_enc.wasm`, where it cannot be found by itself. */
  readonly jpegWasm?: WebAssembly.Module;
}

/** As in the encoder's own defaults, but baseline, which every reader can show. */
const encoderDefaults = {
  baseline: true,
  arithmetic: false,
  progressive: false,
  optimize_coding: true,
  smoothing: 0,
  color_space: 3, // YCbCr
  quant_table: 3,
  trellis_multipass: false,
  trellis_opt_zero: false,
  trellis_opt_table: false,
  trellis_loops: 1,
  auto_subsample: true,
  chroma_subsample: 2,
  separate_chroma_quality: false,
};

/** The image as a JPEG file. @throws FrameError when the quality is not between 1 and 100 */
export async function encodeJpeg(image: Image, options: JpegOptions = {}): Promise<Uint8Array> {
  const { quality = 90, jpegWasm } = options;
  if (!(quality >= 1 && quality <= 100)) {
    throw new FrameError(`encodeJpeg: quality is ${quality}, expected a number from 1 to 100`);
  }
  const { width, height } = image;
  if (Math.max(width, height) > 65_500) {
    throw new FrameError(`encodeJpeg: ${width}x${height} is too large for a JPEG; write a PNG`);
  }
  const { module } = await jpegEncoder(jpegWasm);
  try {
    const settings = { ...encoderDefaults, quality, chroma_quality: quality };
    return Uint8Array.from(module.encode(rgba(image), width, height, settings));
  } catch (error) {
    discardJpegCodec('encoder', jpegWasm);
    throw new FrameError(`encodeJpeg: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The samples with an opaque alpha, as canvases and the JPEG encoder want them. */
export function rgba({ data }: Image): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array((data.length / 3) * 4);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    out[to] = data[from]!;
    out[to + 1] = data[from + 1]!;
    out[to + 2] = data[from + 2]!;
    out[to + 3] = 255;
  }
  return out;
}
