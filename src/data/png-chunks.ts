/**
 * The parts of a PNG file that pixels depend on: header, palette and packed rows. Ancillary chunks (text, colour
 * profiles, transparency) are passed over: what is not read cannot be damaged or unpack to something enormous.
 *
 * Specification: PNG (W3C, third edition), sections 5 and 11.2.
 */

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** Samples per pixel: 1 grey or palette, 2 with alpha, 3 RGB, 4 with alpha. */
  readonly channels: number;
  readonly interlaced: boolean;
}

export interface Png extends PngHeader {
  /** Red, green and blue of every entry, when pixels are indices into it. */
  readonly palette: Uint8Array | undefined;
  /** The zlib stream of all rows, in the pieces that the file has it in. */
  readonly packed: readonly Uint8Array[];
}

const PALETTE = 3;

/** By colour type: samples per pixel, and the depths that there are. */
const colourTypes: Readonly<Record<number, readonly [channels: number, depths: readonly number[]]>> = {
  0: [1, [1, 2, 4, 8, 16]],
  2: [3, [8, 16]],
  [PALETTE]: [1, [1, 2, 4, 8]],
  4: [2, [8, 16]],
  6: [4, [8, 16]],
};

/** Reads the chunks of a file, its signature aside. `checkSize` is told the size first. Throws for any damage. */
export function readPng(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Png {
  let header: (PngHeader & { readonly indexed: boolean }) | undefined;
  let palette: Uint8Array | undefined;
  const packed: Uint8Array[] = [];
  for (const { type, data } of criticalChunks(bytes)) {
    if ((header === undefined) !== (type === 'IHDR')) throw new Error('it does not begin with its header');
    if (type === 'IHDR') header = readHeader(data, checkSize);
    else if (type === 'PLTE') palette = checkPalette(data);
    else if (type === 'IDAT') packed.push(data);
    else if (type !== 'IEND') throw new Error(`it needs a chunk of type ${type}, which is unknown`);
  }
  const { indexed, ...rest } = header!;
  if (indexed && palette === undefined) throw new Error('it has no palette');
  return { ...rest, palette: indexed ? palette : undefined, packed };
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** Length, type, data, checksum; up to IEND. What comes after that is no part of the image. */
function* criticalChunks(bytes: Uint8Array): Generator<Chunk, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 8; // past the signature
  for (let type = ''; type !== 'IEND';) {
    if (at + 12 > bytes.length) throw new Error('it ends before its last chunk');
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) throw new Error('it ends within a chunk');
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const isAncillary = (bytes[at + 4]! & 0x20) !== 0; // a lower-case first letter
    if (!isAncillary) {
      if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
        throw new Error(`the checksum of its chunk ${type} is wrong`);
      }
      yield { type, data: bytes.subarray(at + 8, end - 4) };
    }
    at = end;
  }
}

function readHeader(
  data: Uint8Array,
  checkSize: (width: number, height: number) => void,
): PngHeader & { readonly indexed: boolean } {
  if (data.length !== 13) throw new Error(`its header has ${data.length} bytes, expected 13`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  checkSize(width, height);
  const [depth, colourType, compression, filter, interlace] = data.subarray(8);
  const [channels, depths] = colourTypes[colourType!] ?? [0, []];
  if (!depths.includes(depth!)) throw new Error(`colour type ${colourType} has no ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace! > 1) {
    throw new Error(`unknown compression ${compression}, filter ${filter} or interlacing ${interlace}`);
  }
  return {
    width,
    height,
    depth: depth!,
    channels,
    interlaced: interlace === 1,
    indexed: colourType === PALETTE,
  };
}

function checkPalette(data: Uint8Array): Uint8Array {
  if (data.length % 3 === 0 && data.length > 0 && data.length <= 768) return data;
  throw new Error(`its palette has ${data.length} bytes, expected 3 for each of 1 to 256 entries`);
}

/** Remainders of every byte, for the polynomial of section D.1 with its bits reversed. */
const remainders: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  return remainder;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = remainders[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
