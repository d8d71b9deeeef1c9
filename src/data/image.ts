/** Image: 8-bit RGB pixels in memory, row by row, the three samples of a pixel side by side. */
import { FrameError } from '../tensor/errors.ts';

export interface Image {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** R, G, B of pixel (x, y) at 3 · (y · width + x). */
  readonly data: Uint8Array;
}

/**
 * An image of the given samples, taken over without a copy; black when there are none.
 *
 * @throws FrameError when a size is not a positive whole number, or `data` does not hold width · height · 3 samples
 * @example image(2, 1, Uint8Array.of(255, 0, 0, 0, 0, 255)) // a red and a blue pixel
 */
export function image(width: number, height: number, data?: Uint8Array): Image {
  if (!isSize(width) || !isSize(height)) {
    throw new FrameError(`image: size is ${width}x${height}, expected positive whole numbers`);
  }
  const count = width * height * 3;
  if (data !== undefined && data.length !== count) {
    const got = `got ${data.length} samples, expected ${count}`;
    throw new FrameError(`image: ${width}x${height} in RGB: ${got}; is there an alpha channel to drop?`);
  }
  return { width, height, data: data ?? new Uint8Array(count) };
}

/** A copy that can be drawn on while the original stays as it is. */
export function copyImage({ width, height, data }: Image): Image {
  return { width, height, data: data.slice() };
}

/** The colours of RGBA samples, as canvases and JPEG decoders give them; alpha is dropped, not blended. */
export function imageFromRgba(width: number, height: number, rgba: ArrayLike<number>): Image {
  const out = image(width, height);
  if (rgba.length !== width * height * 4) {
    const got = `got ${rgba.length} samples, expected ${width * height * 4}`;
    throw new FrameError(`image: ${width}x${height} in RGBA: ${got}`);
  }
  const { data } = out;
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return out;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
