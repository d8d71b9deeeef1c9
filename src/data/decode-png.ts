/**
 * PNG to RGB as OpenCV's `imread` reads it in colour: alpha and transparent colours are dropped without blending, grey
 * of any depth is spread over 0 to 255, of 16 bits the upper 8 are taken, colour profiles and gamma are ignored.
 */
import { image, type Image } from './image.ts';
import { type Png, readPng } from './png-chunks.ts';
import { type PngPass, pngRows } from './png-rows.ts';

/** The pixels of a PNG file; `checkSize` sees the declared size before anything is unpacked. */
export function decodePng(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Image {
  const png = readPng(bytes, checkSize);
  const { passes, rows } = pngRows(png);
  const out = image(png.width, png.height);
  for (const pass of passes) placePass(out, pass, rows, png);
  return out;
}

/** Puts the pixels of a pass where they belong; an image that is not interlaced is one pass. */
function placePass({ width, data }: Image, pass: PngPass, rows: Uint8Array, png: Png): void {
  const copied = png.depth === 8 && png.channels === 3 && pass.stepX === 1;
  for (let y = 0; y < pass.height; y++) {
    const from = pass.offset + y * (pass.rowBytes + 1) + 1; // past the filter
    const to = 3 * ((pass.startY + y * pass.stepY) * width + pass.startX);
    if (copied) data.set(rows.subarray(from, from + pass.rowBytes), to);
    else placeRow(data, to, 3 * pass.stepX, pass.width, rows.subarray(from, from + pass.rowBytes), png);
  }
}

function placeRow(
  data: Uint8Array,
  start: number,
  step: number,
  width: number,
  row: Uint8Array,
  { depth, channels, palette }: Png,
): void {
  const colour = channels >= 3 ? 1 : 0; // grey repeats its one channel
  const level = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  for (let x = 0, to = start; x < width; x++, to += step) {
    if (palette === undefined) {
      for (let c = 0; c < 3; c++) data[to + c] = level * sample(row, x * channels + c * colour, depth);
    } else {
      const entry = 3 * sample(row, x, depth);
      if (entry >= palette.length) throw new Error('a pixel lies outside the palette');
      for (let c = 0; c < 3; c++) data[to + c] = palette[entry + c]!;
    }
  }
}

/** The upper 8 bits of a sample; below 8 bits several share a byte, the first uppermost. */
function sample(row: Uint8Array, index: number, depth: number): number {
  if (depth >= 8) return row[(index * depth) >> 3]!;
  const bit = index * depth;
  return (row[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}
