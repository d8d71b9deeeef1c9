/**
 * Boxes and the four numbers that correct them. A correction (dx, dy, dw, dh) moves the centre by a fraction of the
 * size and scales the size by a power of e:
 *
 *   centre' = centre + (dx · width, dy · height),   size' = (e^dw · width, e^dh · height)
 *
 * Boxes are (x1, y1, x2, y2) in pixels, both corners inclusive: width = x2 − x1 + 1, centre = x1 + (width − 1) / 2.
 *
 * Source   R-CNN, appendix C; the official `nonlinear_pred`, `nonlinear_transform` and `clip_boxes`, in NumPy.
 * Letters  R boxes, G groups of four corrections per box (one per class, or background and foreground)
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import { type Tensor, zeros } from '../tensor/tensor.ts';
import { checkTable } from './roi.ts';
import { rounding } from './rounding.ts';

const CORNERS = '(x1, y1, x2, y2)';

/** Throws unless `table` is (R, 4·G). */
function checkGroups(caller: string, name: string, table: Tensor, R: number): number {
  const { shape } = table;
  if (shape.length === 2 && shape[0] === R && shape[1]! % 4 === 0) return shape[1]! / 4;
  throw new ShapeError(
    `${caller}: ${name} is ${formatShape(shape)}, expected ${R} rows of a multiple of 4 columns`,
  );
}

/**
 * Applies corrections to boxes. The official mixture of precisions: e^dw and e^dh in the dtype of the corrections,
 * everything else and the result in float64.
 *
 * @param boxes (R, 4), pixels
 * @param deltas (R, 4·G), in units of the box sizes (de-normalised)
 * @returns (R, 4·G), float64, pixels; not clipped, sizes not limited
 * @throws ShapeError when the rows differ or the columns are no multiple of four
 * @example clipBoxes(decodeBoxes(rois, deltas), height, width)
 */
export function decodeBoxes(boxes: Tensor, deltas: Tensor): Tensor {
  const R = checkTable('decodeBoxes', 'boxes', boxes.shape, 4, CORNERS);
  const G = checkGroups('decodeBoxes', 'deltas', deltas, R);
  const round = rounding(deltas.dtype);
  const out = zeros([R, 4 * G], 'float64');
  for (let r = 0; r < R; r++) {
    const [x1, y1] = [boxes.data[4 * r]!, boxes.data[4 * r + 1]!];
    const width = boxes.data[4 * r + 2]! - x1 + 1;
    const height = boxes.data[4 * r + 3]! - y1 + 1;
    for (let i = 4 * G * r; i < 4 * G * (r + 1); i += 4) {
      const centreX = deltas.data[i]! * width + (x1 + 0.5 * (width - 1));
      const centreY = deltas.data[i + 1]! * height + (y1 + 0.5 * (height - 1));
      const halfWidth = 0.5 * (round(Math.exp(deltas.data[i + 2]!)) * width - 1);
      const halfHeight = 0.5 * (round(Math.exp(deltas.data[i + 3]!)) * height - 1);
      out.data[i] = centreX - halfWidth;
      out.data[i + 1] = centreY - halfHeight;
      out.data[i + 2] = centreX + halfWidth;
      out.data[i + 3] = centreY + halfHeight;
    }
  }
  return out;
}

/**
 * The corrections that turn boxes into targets: the inverse of `decodeBoxes`, not normalised. Evaluated step by step
 * as NumPy does: sizes and centres of each table in its own dtype, the rest in float32 when both are, else in float64.
 *
 * @param boxes (R, 4), pixels
 * @param targets (R, 4), pixels: the box that each should become
 * @returns (R, 4): dx, dy, dw, dh
 * @throws ShapeError when the shapes differ
 * @example encodeBoxes(proposals, groundTruths)
 */
export function encodeBoxes(boxes: Tensor, targets: Tensor): Tensor {
  const R = checkTable('encodeBoxes', 'boxes', boxes.shape, 4, CORNERS);
  if (!sameShape(boxes.shape, targets.shape)) {
    throw new ShapeError(
      `encodeBoxes: targets is ${formatShape(targets.shape)}, expected ${formatShape(boxes.shape)}, one per box`,
    );
  }
  const dtype = boxes.dtype === targets.dtype ? boxes.dtype : 'float64';
  const [round, own] = [rounding(dtype), rounding(boxes.dtype)];
  const out = zeros([R, 4], dtype);
  for (let r = 0; r < R; r++) {
    for (const axis of [0, 1]) {
      const i = 4 * r + axis;
      const [from, to] = [extent(boxes, i), extent(targets, i)];
      out.data[i] = round(to.centre - from.centre) / own(from.size + 1e-14); // the official guard against empty boxes
      out.data[i + 2] = Math.log(round(to.size / from.size));
    }
  }
  return out;
}

/** Size and centre along the axis whose first corner is element i, rounded to the table's dtype at every step. */
function extent({ data, dtype }: Tensor, i: number): { size: number; centre: number } {
  const round = rounding(dtype);
  const size = round(round(data[i + 2]! - data[i]!) + 1);
  return { size, centre: round(data[i]! + round(0.5 * round(size - 1))) };
}

/**
 * Boxes cut to an image: x to [0, width − 1], y to [0, height − 1].
 *
 * @param boxes (R, 4·G), pixels
 * @param height, width of the image, pixels
 * @returns the same shape and dtype
 * @throws ShapeError when the columns are no multiple of four
 */
export function clipBoxes(boxes: Tensor, height: number, width: number): Tensor {
  checkGroups('clipBoxes', 'boxes', boxes, boxes.shape[0] ?? 0);
  const out = zeros(boxes.shape, boxes.dtype);
  for (let i = 0; i < boxes.data.length; i++) {
    const last = (i % 2 === 0 ? width : height) - 1;
    out.data[i] = Math.max(Math.min(boxes.data[i]!, last), 0);
  }
  return out;
}
