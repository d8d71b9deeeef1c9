/**
 * What a JPEG says about itself, read from its marker segments before any pixel is decoded. The decoder allocates what
 * the header asks for and fills what is missing with grey, so both are looked at first.
 */

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colour, 4 CMYK. */
  readonly components: number;
  /** Bits per sample. */
  readonly precision: number;
  /** Whether the end marker FF D9 follows the pixels. */
  readonly complete: boolean;
  /** Passes over the image: 1, or up to a few dozen in progressive files. */
  readonly scans: number;
}

const START_OF_SCAN = 0xda;

/** The header, or undefined when the segments cannot be followed to the pixels. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  let frame: Omit<JpegHeader, 'complete' | 'scans'> | undefined;
  let at = 2; // past FF D8
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++; // fill byte
      continue;
    }
    const length = uint16(bytes, at + 2);
    if (isStartOfFrame(marker) && at + 10 <= bytes.length) {
      const [height, width] = [uint16(bytes, at + 5), uint16(bytes, at + 7)];
      frame = { width, height, components: bytes[at + 9]!, precision: bytes[at + 4]! };
    }
    if (marker === START_OF_SCAN) {
      return frame && { ...frame, complete: hasEnd(bytes, at), scans: countScans(bytes, at) };
    }
    at += 2 + length;
  }
  return frame && { ...frame, complete: false, scans: 0 };
}

/** C0 to CF, without the tables C4 and CC and the reserved C8. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Searched from the back, so that bytes after the end do no harm; not before `from`, where a thumbnail may have one. */
function hasEnd(bytes: Uint8Array, from: number): boolean {
  for (let i = bytes.length - 2; i > from; i--) {
    if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) return true;
  }
  return false;
}

/** Inside packed pixels FF is followed by 0, so that FF DA from the first scan on is another one. */
function countScans(bytes: Uint8Array, from: number): number {
  let count = 0;
  for (let i = from; i + 1 < bytes.length; i++)
    if (bytes[i] === 0xff && bytes[i + 1] === START_OF_SCAN) count++;
  return count;
}

function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 256 + bytes[at + 1]!;
}
