/**
 * PNG to RGB as OpenCV's `imread` reads it in colour: alpha and transparent colours are dropped without blending, grey
 * of any depth is spread over 0 to 255, of 16 bits the upper 8 are taken, colour profiles and gamma are ignored.
 */
import { decode, type DecodedPng } from 'fast-png';
import { image, type Image } from './image.ts';

/** The pixels of a PNG file; `checkSize` sees the declared size before anything is unpacked. */
export function decodePng(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Image {
  if (bytes.length < 33) throw new Error('it ends within its header');
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (header.getUint32(12) !== IHDR) throw new Error('it does not begin with its header');
  checkSize(header.getUint32(16), header.getUint32(20));
  return toRgb(decode(criticalChunks(bytes, header), { checkCrc: true }));
}

const IHDR = 0x49484452;
const IEND = 0x49454e44;

/**
 * The file without its ancillary chunks (text, colour profiles, transparency), of which nothing is wanted: what is not
 * read cannot be damaged or unpack to something enormous.
 */
function criticalChunks(bytes: Uint8Array, view: DataView): Uint8Array {
  const out = new Uint8Array(bytes.length);
  out.set(bytes.subarray(0, 8));
  let [from, to] = [8, 8];
  for (let type = 0; type !== IEND;) {
    if (from + 12 > bytes.length) throw new Error('it ends before its last chunk');
    const length = view.getUint32(from) + 12;
    type = view.getUint32(from + 4);
    if (from + length > bytes.length) throw new Error('it ends within a chunk');
    const isAncillary = (bytes[from + 4]! & 0x20) !== 0; // a lower-case first letter
    if (!isAncillary) out.set(bytes.subarray(from, from + length), to);
    if (!isAncillary) to += length;
    from += length;
  }
  return out.subarray(0, to);
}

function toRgb(png: DecodedPng): Image {
  const { width, height, channels, depth, data } = png;
  if (depth === 8 && channels === 3 && data instanceof Uint8Array) return image(width, height, data);
  const out = image(png.width, png.height);
  const read = png.palette ? paletteReader(png, png.palette) : sampleReader(png);
  for (let y = 0, to = 0; y < png.height; y++) {
    for (let x = 0; x < png.width; x++) {
      for (let channel = 0; channel < 3; channel++) out.data[to++] = read(x, y, channel);
    }
  }
  return out;
}

type Reader = (x: number, y: number, channel: number) => number;

/** The value at a position of a row, as stored: rows of less than 8 bits are packed, the first sample uppermost. */
function storedReader({ data, depth, width, channels }: DecodedPng): (sample: number, y: number) => number {
  const rowSamples = width * channels;
  if (depth >= 8) return (sample, y) => data[y * rowSamples + sample]!;
  const rowBytes = Math.ceil((rowSamples * depth) / 8);
  const [perByte, mask] = [8 / depth, (1 << depth) - 1];
  return (sample, y) => {
    const byte = data[y * rowBytes + Math.floor(sample / perByte)]!;
    return (byte >> (8 - depth * ((sample % perByte) + 1))) & mask;
  };
}

function sampleReader(png: DecodedPng): Reader {
  const stored = storedReader(png);
  const colour = png.channels >= 3 ? 1 : 0; // grey repeats its one channel
  const { channels, depth } = png;
  if (depth === 16) return (x, y, channel) => stored(x * channels + channel * colour, y) >> 8;
  const spread = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  return (x, y, channel) => stored(x * channels + channel * colour, y) * spread;
}

function paletteReader(png: DecodedPng, palette: readonly (readonly number[])[]): Reader {
  const stored = storedReader(png);
  return (x, y, channel) => {
    const entry = palette[stored(x, y)];
    if (entry === undefined) throw new Error('a pixel lies outside the palette');
    return entry[channel]!;
  };
}
