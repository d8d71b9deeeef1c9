/** Painting on images: rectangles, their outlines and text, blended over what is there and cut at the border. */
import type { Image } from '../data/index.ts';
import { glyphs } from './glyphs.ts';

export type Colour = readonly [red: number, green: number, blue: number];

/** In whole pixels; the right and bottom edges are not part of it. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Mixes a colour into a pixel; `alpha` 1 replaces it. */
function blend(data: Uint8Array, at: number, [red, green, blue]: Colour, alpha: number): void {
  data[at] = data[at]! + (red - data[at]!) * alpha + 0.5;
  data[at + 1] = data[at + 1]! + (green - data[at + 1]!) * alpha + 0.5;
  data[at + 2] = data[at + 2]! + (blue - data[at + 2]!) * alpha + 0.5;
}

/** Fills a rectangle, in place. */
export function fillRectangle(image: Image, area: Rectangle, colour: Colour, alpha = 1): void {
  const [left, right] = [Math.max(area.x, 0), Math.min(area.x + area.width, image.width)];
  const [top, bottom] = [Math.max(area.y, 0), Math.min(area.y + area.height, image.height)];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) blend(image.data, (y * image.width + x) * 3, colour, alpha);
  }
}

/** Paints a frame of the given thickness just inside a rectangle, in place; each pixel once. */
export function strokeRectangle(
  image: Image,
  area: Rectangle,
  thickness: number,
  colour: Colour,
  alpha = 1,
): void {
  const { x, y, width, height } = area;
  const t = Math.min(thickness, Math.ceil(width / 2), Math.ceil(height / 2));
  const inner = Math.max(height - 2 * t, 0);
  fillRectangle(image, { x, y, width, height: t }, colour, alpha);
  fillRectangle(
    image,
    { x, y: y + t + inner, width, height: Math.min(t, height - t - inner) },
    colour,
    alpha,
  );
  fillRectangle(image, { x, y: y + t, width: t, height: inner }, colour, alpha);
  fillRectangle(
    image,
    { x: x + width - Math.min(t, width - t), y: y + t, width: Math.min(t, width - t), height: inner },
    colour,
    alpha,
  );
}

/** The room that a line of text takes at a height. */
export function textSize(text: string, height: number): { readonly width: number; readonly height: number } {
  return { width: glyphs(height).width * Array.from(text).length, height };
}

/** Writes one line, its top left corner at (x, y), in place. Characters outside printable ASCII become `?`. */
export function drawText(
  image: Image,
  text: string,
  { x, y }: { readonly x: number; readonly y: number },
  height: number,
  colour: Colour,
): void {
  const { width, coverage, cellOf } = glyphs(height);
  Array.from(text).forEach((character, place) => {
    const cell = cellOf(character) * width * height;
    const left = x + place * width;
    for (let row = Math.max(0, -y); row < Math.min(height, image.height - y); row++) {
      for (let column = Math.max(0, -left); column < Math.min(width, image.width - left); column++) {
        const alpha = coverage[cell + row * width + column]! / 255;
        if (alpha > 0) blend(image.data, ((y + row) * image.width + left + column) * 3, colour, alpha);
      }
    }
  });
}
