/**
 * Decoding JPEG and PNG to RGB, to the same samples as OpenCV's `imread` gives the official code: alpha is dropped, grey
 * and palettes become RGB, of 16 bits the upper 8 are taken, and a camera's rotation note (EXIF) is not followed.
 *
 * A file is hostile input. Its format is recognised by its first bytes, its size is read and limited before anything is
 * allocated, and whatever goes wrong becomes a FrameError of one line.
 */
import { DffError, FrameError } from '../tensor/errors.ts';
import { decodePng } from './decode-png.ts';
import { type Image, imageFromRgba } from './image.ts';
import { discardJpegCodec, jpegDecoder } from './jpeg-codec.ts';
import { readJpegHeader } from './jpeg-header.ts';

export interface DecodeOptions {
  /** What to call the file in errors. Default `image`. */
  readonly name?: string;
  /** Turn the image as its EXIF note says (JPEG only). Default false, as in the official code. */
  readonly followOrientation?: boolean;
  /** Images of more pixels than this are refused. Default 100 million. */
  readonly maxPixels?: number;
  /** The compiled `mozjpeg_dec.wasm`, where it cannot be found by itself. */
  readonly jpegWasm?: WebAssembly.Module;
}

export type ImageFormat = 'jpeg' | 'png';

/** The format of an encoded image, by its first bytes; undefined when it is neither JPEG nor PNG. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const starts = (...signature: readonly number[]): boolean =>
    signature.every((byte, i) => bytes[i] === byte);
  if (starts(0xff, 0xd8, 0xff)) return 'jpeg';
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  return undefined;
}

/**
 * The pixels of a JPEG or PNG file.
 *
 * @throws FrameError when it is neither, damaged, cut short, CMYK, or larger than `maxPixels`
 * @example const image = await decodeImage(new Uint8Array(await (await fetch(url)).arrayBuffer()))
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  const { name = 'image' } = options;
  const refuse = (problem: string): never => {
    throw new FrameError(`${name}: ${problem}`);
  };
  if (bytes.length === 0) return refuse('the file is empty');
  const format = imageFormat(bytes);
  try {
    if (format === 'jpeg') return await decodeJpeg(bytes, options, refuse);
    if (format === 'png') return decodePng(bytes, sizeCheck(options, refuse));
  } catch (error) {
    if (error instanceof DffError) throw error;
    return refuse(`damaged ${format!.toUpperCase()} (${oneLine(error)})`);
  }
  const first = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return refuse(`neither JPEG nor PNG (it starts with ${first}); convert it first`);
}

type Refuse = (problem: string) => never;

/** Throws for a size that is nothing, or more than the caller wants to hold. */
function sizeCheck(
  { maxPixels = 1e8 }: DecodeOptions,
  refuse: Refuse,
): (width: number, height: number) => void {
  return (width, height) => {
    if (width === 0 || height === 0) refuse(`its size is ${width}x${height}`);
    if (width * height > maxPixels) refuse(`its size is ${width}x${height}, more than ${maxPixels} pixels`);
  };
}

/** Every block of 8 by 8 pixels takes at least one bit of a JPEG with Huffman codes; the decoder knows no others. */
const PIXELS_PER_BYTE = 64 * 8;

/** Encoders write about ten scans. Each goes over the whole image, so that many are a way to keep a decoder busy. */
const MOST_SCANS = 500;

/** What the decoder says when it filled in pixels that it could not read. Odd bytes between segments do no harm. */
const LOST_PIXELS = /premature end|bad Huffman code|instead of RST|inconsistent progression/i;

/** Bytes that an idle decoder may keep. */
const LARGEST_IDLE = 48 << 20;

async function decodeJpeg(bytes: Uint8Array, options: DecodeOptions, refuse: Refuse): Promise<Image> {
  const { followOrientation = false, jpegWasm } = options;
  const header = readJpegHeader(bytes);
  if (header === undefined) return refuse('damaged JPEG (no size before the pixels)');
  sizeCheck(options, refuse)(header.width, header.height);
  if (header.components === 4) refuse('a JPEG in CMYK; convert it to RGB first');
  if (header.precision !== 8) refuse(`a JPEG of ${header.precision} bits per sample; only 8 are supported`);
  if (header.width * header.height > bytes.length * PIXELS_PER_BYTE) {
    refuse(`damaged JPEG (${bytes.length} bytes cannot hold ${header.width}x${header.height} pixels)`);
  }
  if (header.scans > MOST_SCANS) refuse(`a JPEG of ${header.scans} scans, more than ${MOST_SCANS}`);
  if (!header.complete) refuse('truncated JPEG (no end marker FF D9); copy or download it again');
  const decoder = await jpegDecoder(jpegWasm);
  decoder.complaints.length = 0;
  try {
    const pixels = decoder.module.decode(bytes, followOrientation);
    if (!pixels) return refuse('damaged JPEG');
    const lost = decoder.complaints.find((line) => LOST_PIXELS.test(line));
    if (lost !== undefined) return refuse(`damaged JPEG (${lost}); copy or download it again`);
    if (decoder.module.HEAPU8.length > LARGEST_IDLE) discardJpegCodec('decoder', jpegWasm);
    return imageFromRgba(pixels.width, pixels.height, pixels.data);
  } catch (error) {
    if (error instanceof DffError) throw error;
    discardJpegCodec('decoder', jpegWasm);
    return refuse(`damaged JPEG (${decoder.complaints.at(-1) ?? oneLine(error)})`);
  }
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
}
