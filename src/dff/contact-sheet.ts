/** Contact sheet: many frames on one page, in rows, to take a video in at a glance. */
import { image, type Image } from '../data/index.ts';
import { FrameError } from '../tensor/errors.ts';
import { type Colour, drawText, fillRectangle, textSize } from './paint.ts';

export interface ContactSheetOptions {
  /** Default 4, or as many as there are images. */
  readonly columns?: number;
  /** Width of one image on the sheet, in pixels. Default 320. */
  readonly cellWidth?: number;
  /** Space between and around the images, in pixels. Default 12. */
  readonly gap?: number;
  /** A line below each image. */
  readonly captions?: readonly string[];
  /** A line above all. */
  readonly title?: string;
  readonly background?: Colour;
  readonly ink?: Colour;
}

const TEXT_HEIGHT = 16;
const TITLE_HEIGHT = 22;

/**
 * One image of many. Each is made `cellWidth` wide; a row is as high as its highest image.
 *
 * @throws FrameError when there are no images
 * @example contactSheet(results.map((result) => draw(result)), { columns: 5, captions: results.map((r) => r.source) })
 */
export function contactSheet(images: readonly Image[], options: ContactSheetOptions = {}): Image {
  if (images.length === 0) throw new FrameError('contactSheet: there are no images');
  const { cellWidth = 320, gap = 12, captions, title } = options;
  const { background = [250, 250, 250], ink = [40, 40, 40] } = options;
  const columns = Math.min(options.columns ?? 4, images.length);
  const cells = images.map((source) => shrink(source, cellWidth));
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) =>
    cells.slice(row * columns, (row + 1) * columns),
  );
  const captionHeight = captions ? TEXT_HEIGHT + 6 : 0;
  const heights = rows.map((row) => Math.max(...row.map(({ height }) => height)) + captionHeight);
  const top = gap + (title === undefined ? 0 : TITLE_HEIGHT + gap);
  const sheetHeight = top + heights.reduce((sum, height) => sum + height + gap, 0);
  const sheet = image(gap + columns * (cellWidth + gap), sheetHeight);
  fillRectangle(sheet, { x: 0, y: 0, width: sheet.width, height: sheet.height }, background);
  if (title !== undefined)
    drawText(sheet, fit(title, sheet.width - 2 * gap, TITLE_HEIGHT), { x: gap, y: gap }, TITLE_HEIGHT, ink);
  let y = top;
  rows.forEach((row, r) => {
    row.forEach((cell, column) => {
      const x = gap + column * (cellWidth + gap);
      paste(sheet, cell, x, y);
      const caption = captions?.[r * columns + column];
      if (caption === undefined) return;
      drawText(sheet, fit(caption, cellWidth, TEXT_HEIGHT), { x, y: y + cell.height + 4 }, TEXT_HEIGHT, ink);
    });
    y += heights[r]! + gap;
  });
  return sheet;
}

/** The text, shortened until it fits. */
function fit(text: string, width: number, height: number): string {
  const letters = Math.floor(width / textSize('m', height).width);
  return text.length <= letters ? text : `${text.slice(0, Math.max(letters - 3, 0))}...`;
}

function paste(target: Image, source: Image, left: number, top: number): void {
  for (let y = 0; y < source.height; y++) {
    const row = source.data.subarray(y * source.width * 3, (y + 1) * source.width * 3);
    target.data.set(row, ((top + y) * target.width + left) * 3);
  }
}

/**
 * The image at another width, each target pixel the mean of what it covers: thin lines and letters survive, which
 * bilinear sampling would tear.
 */
function shrink(source: Image, width: number): Image {
  const height = Math.max(1, Math.round((source.height * width) / source.width));
  const out = image(width, height);
  const [stepX, stepY] = [source.width / width, source.height / height];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      averageInto(out, (y * width + x) * 3, source, x * stepX, y * stepY, (x + 1) * stepX, (y + 1) * stepY);
    }
  }
  return out;
}

function averageInto(
  out: Image,
  at: number,
  { width, height, data }: Image,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): void {
  let [red, green, blue, total] = [0, 0, 0, 0];
  for (let y = Math.floor(y0); y < Math.min(y1, height); y++) {
    const down = Math.min(y1, y + 1) - Math.max(y0, y);
    for (let x = Math.floor(x0); x < Math.min(x1, width); x++) {
      const weight = down * (Math.min(x1, x + 1) - Math.max(x0, x));
      const from = (y * width + x) * 3;
      red += weight * data[from]!;
      green += weight * data[from + 1]!;
      blue += weight * data[from + 2]!;
      total += weight;
    }
  }
  out.data[at] = red / total + 0.5;
  out.data[at + 1] = green / total + 0.5;
  out.data[at + 2] = blue / total + 0.5;
}
