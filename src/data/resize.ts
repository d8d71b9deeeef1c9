/**
 * Bilinear resizing of 8-bit images in whole numbers, bit for bit as OpenCV's `resize` with explicit scale factors.
 *
 * Formula  a target index d reads the source at f = (d + ½) / scale − ½, in double precision, rounded to float32;
 *          with s = ⌊f⌋ and t = f − s the weights are round(2048 · (1 − t)) and round(2048 · t).
 *          The ratio is the requested 1 / scale, not source size / target size, which differ once a size is rounded.
 *          Columns outside are pulled in with their weight (t = 0); rows outside keep t and read the border row twice.
 * Source   OpenCV 3 to 5, `INTER_LINEAR` on 8 bits. At a scale of exactly ½ OpenCV averages 2×2 pixels, which is the
 *          same number.
 */
import { FrameError } from '../tensor/errors.ts';
import { image, type Image } from './image.ts';

/** Rounds halves to the even neighbour, as NumPy and OpenCV do: 562.5 gives 562. */
export function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/**
 * The official scale rule: the shorter side becomes `shortSide`, unless the longer one would then exceed `longSide`,
 * which it is made equal to instead. 1280×720 at 600 and 1000 gives 0.78125.
 */
export function scaleFactor(width: number, height: number, shortSide: number, longSide: number): number {
  const [shorter, longer] = width < height ? [width, height] : [height, width];
  const scale = shortSide / shorter;
  return roundEven(scale * longer) > longSide ? longSide / longer : scale;
}

/** One axis: for each target index two neighbouring source indices and their weights out of 2048. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly firstWeight: Int32Array;
  readonly secondWeight: Int32Array;
}

function taps(source: number, target: number, scale: number, pullIn: boolean): Taps {
  const [first, second] = [new Int32Array(target), new Int32Array(target)];
  const [firstWeight, secondWeight] = [new Int32Array(target), new Int32Array(target)];
  const inside = (index: number): number => Math.min(Math.max(index, 0), source - 1);
  for (let d = 0; d < target; d++) {
    const position = Math.fround((d + 0.5) * (1 / scale) - 0.5);
    const s = Math.floor(position);
    const t = pullIn && (s < 0 || s >= source - 1) ? 0 : Math.fround(position - s);
    first[d] = inside(s);
    second[d] = inside(s + 1);
    firstWeight[d] = roundEven(2048 * Math.fround(1 - t));
    secondWeight[d] = roundEven(2048 * t);
  }
  return { first, second, firstWeight, secondWeight };
}

/**
 * The image at `scale` times its size, rounded half to even in each direction.
 *
 * @throws FrameError when nothing would be left, or the scale is not a positive number
 * @example resize(image, scaleFactor(image.width, image.height, 600, 1000))
 */
export function resize(source: Image, scale: number): Image {
  const [width, height] = [roundEven(source.width * scale), roundEven(source.height * scale)];
  if (!(scale > 0 && width > 0 && height > 0)) {
    throw new FrameError(
      `resize: ${source.width}x${source.height} at scale ${scale} would be ${width}x${height}; use a larger scale`,
    );
  }
  const columns = taps(source.width, width, scale, true);
  const rows = taps(source.height, height, scale, false);
  const out = image(width, height);
  // The two source rows that are being mixed, already resized across. Going down, the lower becomes the upper.
  let upper = new Int32Array(width * 3);
  let lower = new Int32Array(width * 3);
  let [upperRow, lowerRow] = [-1, -1];
  for (let y = 0; y < height; y++) {
    const [first, second] = [rows.first[y]!, rows.second[y]!];
    if (first === lowerRow) {
      [upper, lower] = [lower, upper];
      [upperRow, lowerRow] = [lowerRow, upperRow];
    }
    if (first !== upperRow) resizeRow(upper, source, first, columns);
    if (second !== lowerRow) resizeRow(lower, source, second, columns);
    [upperRow, lowerRow] = [first, second];
    mixRows(out.data, y * width * 3, upper, lower, rows.firstWeight[y]!, rows.secondWeight[y]!);
  }
  return out;
}

/** One source row resized across: sums of two samples, 2048 times too large, less four bits. */
function resizeRow(out: Int32Array, { width, data }: Image, row: number, columns: Taps): void {
  const { first, second, firstWeight, secondWeight } = columns;
  const start = row * width * 3;
  for (let x = 0, to = 0; x < first.length; x++, to += 3) {
    const [left, right] = [start + first[x]! * 3, start + second[x]! * 3];
    const [a, b] = [firstWeight[x]!, secondWeight[x]!];
    out[to] = (data[left]! * a + data[right]! * b) >> 4;
    out[to + 1] = (data[left + 1]! * a + data[right + 1]! * b) >> 4;
    out[to + 2] = (data[left + 2]! * a + data[right + 2]! * b) >> 4;
  }
}

/** Each product loses its lower 16 bits on its own before they are added: this is where OpenCV's rounding shows. */
function mixRows(
  out: Uint8Array,
  start: number,
  upper: Int32Array,
  lower: Int32Array,
  a: number,
  b: number,
): void {
  for (let i = 0; i < upper.length; i++) {
    out[start + i] = (((upper[i]! * a) >> 16) + ((lower[i]! * b) >> 16) + 2) >> 2;
  }
}
