/** The size of an encoded image from its header, without decoding pixels. */
import { imageFormat, type ImageFormat } from '../data/index.ts';
import { readJpegHeader } from '../data/jpeg-header.ts';
import { FrameError } from '../tensor/index.ts';

export interface ImageSize {
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
}

/** The chunk that every PNG begins with. */
const IHDR = 0x49484452;
/** The signature and that chunk. */
const PNG_HEADER = 33;

/** @throws FrameError when the file is empty, neither JPEG nor PNG, or ends too early */
export function readImageSize(bytes: Uint8Array, name: string): ImageSize {
  if (bytes.length === 0) throw new FrameError(`${name}: the file is empty`);
  const format = imageFormat(bytes);
  if (format === undefined) throw new FrameError(`${name}: neither JPEG nor PNG; convert it first`);
  if (format === 'png') return { format, ...pngSize(bytes, name) };
  const header = readJpegHeader(bytes);
  if (header === undefined) throw new FrameError(`${name}: damaged JPEG (no size before the pixels)`);
  if (!header.complete) throw new FrameError(`${name}: truncated JPEG (no end marker FF D9); copy it again`);
  return { format, width: header.width, height: header.height };
}

function pngSize(bytes: Uint8Array, name: string): { width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PNG_HEADER || view.getUint32(12) !== IHDR) {
    throw new FrameError(`${name}: damaged PNG (no size before the pixels)`);
  }
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
