/**
 * Drawing detections: boxes, names and scores, and a badge that says which frame this is and whether it is a key frame.
 *
 * The best detections are drawn last, on top, and choose the places of their labels first.
 */
import { copyImage, type Image } from '../data/index.ts';
import { black, colourOf, inkOn, okabeIto, white } from './colours.ts';
import { placeLabels } from './label-places.ts';
import { type Colour, drawText, fillRectangle, type Rectangle, strokeRectangle, textSize } from './paint.ts';
import type { Detection } from './postprocess.ts';
import type { DetectionResult } from './results.ts';

/** A detector's result, or an image with its detections. */
export type Drawable = Pick<DetectionResult, 'image' | 'detections'> &
  Partial<Pick<DetectionResult, 'index' | 'isKey'>>;

export interface DrawOptions {
  /** Detections must score more than this to be drawn. Default 0: all. */
  readonly scoreThreshold?: number;
  /** Height of a line of text in pixels. Default by the size of the image: 20 at 1280x720. */
  readonly textHeight?: number;
  /** Thickness of the boxes in pixels. Default by the size of the image: 3 at 1280x720. */
  readonly lineWidth?: number;
  /** Colours by class, used in turn. Default those of Okabe and Ito. */
  readonly palette?: readonly Colour[];
  /** Names and scores at the boxes. Default true. */
  readonly labels?: boolean;
  /** Frame number and key frame mark, where the result has them. Default true. */
  readonly badge?: boolean;
}

interface Style extends Required<DrawOptions> {
  /** Empty space around text. */
  readonly margin: number;
}

function styleFor({ width, height }: Image, options: DrawOptions): Style {
  const side = Math.min(width, height);
  const textHeight = options.textHeight ?? Math.min(Math.max(Math.round(side / 36), 10), 56);
  const lineWidth = options.lineWidth ?? Math.max(Math.round(side / 240), 1);
  const defaults = { scoreThreshold: 0, palette: okabeIto, labels: true, badge: true };
  return { ...defaults, ...options, textHeight, lineWidth, margin: Math.round(textHeight / 5) };
}

/**
 * A copy of the image with its detections drawn on it.
 *
 * @example for await (const result of detector.detect(frames)) await writeImage(`${result.index}.png`, draw(result))
 */
export function draw(result: Drawable, options: DrawOptions = {}): Image {
  const out = copyImage(result.image);
  const style = styleFor(out, options);
  const shown = result.detections
    .filter(({ score }) => score > style.scoreThreshold)
    .toSorted((a, b) => a.score - b.score);
  for (const detection of shown) drawBox(out, detection, style);
  const { index, isKey } = result;
  const badge = style.badge && index !== undefined ? [drawBadge(out, index, isKey, style)] : [];
  if (style.labels) drawLabels(out, shown.toReversed(), badge, style);
  return out;
}

/** The pixels a box covers: its corners are pixel positions, both inclusive. */
function pixelsOf({ box: [x1, y1, x2, y2] }: Detection): Rectangle {
  const [x, y] = [Math.round(x1), Math.round(y1)];
  return { x, y, width: Math.max(Math.round(x2) - x + 1, 1), height: Math.max(Math.round(y2) - y + 1, 1) };
}

function grow({ x, y, width, height }: Rectangle, by: number): Rectangle {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** The outline lies around the box, between two thin dark lines that set it off from any background. */
function drawBox(image: Image, detection: Detection, { lineWidth, palette }: Style): void {
  const box = grow(pixelsOf(detection), Math.floor(lineWidth / 2));
  strokeRectangle(image, grow(box, 1), 1, black, 0.45);
  strokeRectangle(image, box, lineWidth, colourOf(detection.label, palette));
  const inside = grow(box, -lineWidth);
  if (inside.width > 2 && inside.height > 2) strokeRectangle(image, inside, 1, black, 0.45);
}

/** Writes the labels of detections, the best of which come first. */
function drawLabels(
  image: Image,
  shown: readonly Detection[],
  taken: readonly Rectangle[],
  style: Style,
): void {
  const { textHeight, margin, lineWidth, palette } = style;
  const boxes = shown.map((detection) => grow(pixelsOf(detection), Math.floor(lineWidth / 2)));
  const texts = shown.map(({ name, score }) => `${name.replaceAll('_', ' ')} ${score.toFixed(2)}`);
  const sizes = texts.map((text) => ({
    width: textSize(text, textHeight).width + 2 * margin,
    height: textHeight + margin,
  }));
  const places = placeLabels(image, boxes, sizes, taken);
  for (let i = shown.length - 1; i >= 0; i--) {
    const [place, colour] = [places[i]!, colourOf(shown[i]!.label, palette)];
    fillRectangle(image, place, colour);
    const corner = { x: place.x + margin, y: place.y + Math.round(margin / 2) };
    drawText(image, texts[i]!, corner, textHeight, inkOn(colour));
  }
}

/** At the bottom left: the frame's number, and in a lighter field whether it is a key frame. */
function drawBadge(image: Image, index: number, isKey: boolean | undefined, style: Style): Rectangle {
  const { textHeight, margin } = style;
  const height = textHeight + 2 * margin;
  const [x, y] = [2 * margin, image.height - height - 2 * margin];
  const fields = [{ text: `frame ${index}`, background: black, alpha: 0.65, ink: white }];
  if (isKey === true) fields.push({ text: 'key', background: [240, 228, 66], alpha: 1, ink: black });
  if (isKey === false) fields.push({ text: 'current', background: white, alpha: 0.75, ink: black });
  let right = x;
  for (const { text, background, alpha, ink } of fields) {
    const width = textSize(text, textHeight).width + 4 * margin;
    fillRectangle(image, { x: right, y, width, height }, background, alpha);
    drawText(image, text, { x: right + 2 * margin, y: y + margin }, textHeight, ink);
    right += width;
  }
  return { x, y, width: right - x, height };
}
