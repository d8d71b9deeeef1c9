/**
 * The rows of a PNG image: unpacked, with filters undone. A small file can unpack to anything, so nothing is allocated
 * that the packed bytes could not fill, and unpacking ends where the header says that the image does.
 *
 * Specification: PNG (W3C, third edition), sections 8 (interlacing), 9 (filters) and 10 (compression).
 */
import { Unzlib } from 'fflate';
import type { Png, PngHeader } from './png-chunks.ts';

/** A reduced image of every stepX-th pixel of every stepY-th row, from the start given; all of them, if not interlaced. */
export interface PngPass {
  readonly startX: number;
  readonly startY: number;
  readonly stepX: number;
  readonly stepY: number;
  /** Pixels per row, and rows, of the pass. */
  readonly width: number;
  readonly height: number;
  /** Bytes per row, without the filter before it. */
  readonly rowBytes: number;
  /** Where its first row begins in the unpacked data. */
  readonly offset: number;
}

/** Adam7: [startX, startY, stepX, stepY] of seven passes. */
const adam7: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** Deflate packs at most this many bytes into one. */
const DENSEST = 1032;

/** Bytes unpacked at once: not more than 17 MB become of them. */
const SLICE = 1 << 14;

/** Every row with its filter before it, filters undone, pass by pass. */
export function pngRows(png: Png): { readonly passes: readonly PngPass[]; readonly rows: Uint8Array } {
  const passes = layPasses(png);
  const last = passes.at(-1)!;
  const rows = unpack(png.packed, last.offset + last.height * (last.rowBytes + 1));
  const pixelBytes = Math.max(1, (png.channels * png.depth) / 8);
  for (const { offset, height, rowBytes } of passes) {
    for (let y = 0, at = offset; y < height; y++, at += rowBytes + 1) {
      unfilter(rows, at, rowBytes, pixelBytes, y > 0);
    }
  }
  return { passes, rows };
}

function layPasses({ width, height, depth, channels, interlaced }: PngHeader): PngPass[] {
  const passes: PngPass[] = [];
  let offset = 0;
  for (const [startX, startY, stepX, stepY] of interlaced ? adam7 : ([[0, 0, 1, 1]] as const)) {
    const columns = Math.ceil((width - startX) / stepX);
    const rows = Math.ceil((height - startY) / stepY);
    if (columns <= 0 || rows <= 0) continue; // a pass without pixels has no rows either
    const rowBytes = Math.ceil((columns * channels * depth) / 8);
    passes.push({ startX, startY, stepX, stepY, width: columns, height: rows, rowBytes, offset });
    offset += rows * (rowBytes + 1);
  }
  return passes;
}

/** Unpacks a zlib stream that must hold exactly `length` bytes. */
function unpack(packed: readonly Uint8Array[], length: number): Uint8Array {
  const available = packed.reduce((sum, part) => sum + part.length, 0);
  if (length > available * DENSEST) throw new Error(`${available} bytes cannot hold its pixels`);
  const out = new Uint8Array(length);
  let filled = 0;
  const unzip = new Unzlib((piece) => {
    if (filled + piece.length > length) throw new Error('it holds more pixels than its header says');
    out.set(piece, filled);
    filled += piece.length;
  });
  for (const part of packed) {
    for (let at = 0; at < part.length; at += SLICE) unzip.push(part.subarray(at, at + SLICE));
  }
  unzip.push(new Uint8Array(0), true);
  if (filled < length) throw new Error('its pixels end early');
  if (adler32(out) !== lastWord(packed)) throw new Error('the checksum of its pixels is wrong');
  return out;
}

/** RFC 1950: two sums modulo 65521; 3800 bytes at a time cannot overflow. */
function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(at + 3800, bytes.length);
    for (; at < end; at++) {
      a += bytes[at]!;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b * 65536 + a;
}

/** The last four bytes of all parts, as a number. */
function lastWord(parts: readonly Uint8Array[]): number {
  const tail: number[] = [];
  for (let k = parts.length - 1; k >= 0 && tail.length < 4; k--) tail.unshift(...parts[k]!.slice(-4));
  return tail.slice(-4).reduce((word, byte) => word * 256 + byte, 0);
}

/** Adds to every byte what its filter predicted, from the pixel to the left and the row above. */
function unfilter(
  rows: Uint8Array,
  filterAt: number,
  rowBytes: number,
  pixelBytes: number,
  hasAbove: boolean,
): void {
  const filter = rows[filterAt]!;
  const start = filterAt + 1;
  const end = start + rowBytes;
  const stride = rowBytes + 1;
  const second = Math.min(start + pixelBytes, end); // bytes before have nothing to their left
  if (filter > 4) throw new Error(`a row has the unknown filter ${filter}`);
  if (filter === 1 || (filter === 4 && !hasAbove)) {
    for (let at = second; at < end; at++) rows[at]! += rows[at - pixelBytes]!;
  } else if (filter === 2 && hasAbove) {
    for (let at = start; at < end; at++) rows[at]! += rows[at - stride]!;
  } else if (filter === 3) {
    for (let at = start; at < end; at++) {
      const left = at < second ? 0 : rows[at - pixelBytes]!;
      rows[at]! += (left + (hasAbove ? rows[at - stride]! : 0)) >> 1;
    }
  } else if (filter === 4) {
    for (let at = start; at < second; at++) rows[at]! += rows[at - stride]!;
    for (let at = second; at < end; at++) {
      rows[at]! += paeth(rows[at - pixelBytes]!, rows[at - stride]!, rows[at - stride - pixelBytes]!);
    }
  }
}

/** Of left, above and the corner between them, the one nearest to left + above − corner; ties in this order. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
