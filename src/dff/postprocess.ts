/**
 * From what the network gives for one image to detections: boxes from regions and their corrections, cut to the image,
 * brought back to its original pixels, and of those that overlap the best one kept, class by class.
 *
 * The official demo and the official evaluation differ in numbers only, so they are two records of settings. A score
 * threshold is applied before the suppression in both: a box below it is not kept, and can suppress only boxes that
 * score less still, so the demo's order (suppress, then threshold) gives the same detections.
 *
 * Letters  R regions, K classes with the background, G groups of four corrections per region
 */
import { clipBoxes, decodeBoxes, nonMaximumSuppression } from '../ops/index.ts';
import { ShapeError } from '../tensor/errors.ts';
import { elementCount, formatShape } from '../tensor/shape.ts';
import { cast, type DType, type Tensor, tensor, zeros } from '../tensor/tensor.ts';

/** Left, top, right, bottom in pixels of the original image; continuous, from 0, corners inclusive. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

export interface Detection {
  /** Index into the class list; 0 would be the background. */
  readonly label: number;
  readonly name: string;
  /** Probability of the class, 0 to 1. */
  readonly score: number;
  readonly box: Box;
  /** Which of the image's regions it came from. */
  readonly row: number;
}

export interface PostprocessSettings {
  /** Detections must score more than this. */
  readonly scoreThreshold: number;
  /** Of two boxes of a class that overlap by more than this, the better one stays. */
  readonly nmsThreshold: number;
  /** Precision in which boxes are compared and given back. */
  readonly precision: DType;
  /** Most detections per image over all classes; ties with the last one stay. Infinity for no limit. */
  readonly maxPerImage: number;
}

/** `demo`: what a person wants to see. `evaluation`: all that the mean average precision is computed from. */
export const postprocessPresets: Readonly<Record<'demo' | 'evaluation', PostprocessSettings>> = {
  demo: { scoreThreshold: 0.7, nmsThreshold: 0.3, precision: 'float32', maxPerImage: Infinity },
  evaluation: { scoreThreshold: 1e-4, nmsThreshold: 0.3, precision: 'float64', maxPerImage: 300 },
};

/** A preset's name, or a preset with changes: `{ ...postprocessPresets.demo, scoreThreshold: 0.5 }`, or just those. */
export type PostprocessChoice = keyof typeof postprocessPresets | Partial<PostprocessSettings>;

/** Complete settings; what is left out is that of `demo`. */
export function postprocessSettings(choice: PostprocessChoice = 'demo'): PostprocessSettings {
  return typeof choice === 'string' ? postprocessPresets[choice] : { ...postprocessPresets.demo, ...choice };
}

/** The three outputs of a network, and the `im_info` that it was fed. */
export interface NetworkOutput {
  /** (R, 5): image, x1, y1, x2, y2 in pixels of the network's input. */
  readonly rois: Tensor;
  /** (1, R, K) probabilities. */
  readonly scores: Tensor;
  /** (1, R, 4·G) corrections: per class, or for background and object. */
  readonly deltas: Tensor;
  /** (N, 3), a row per image: height, width and scale of the network's input. */
  readonly imInfo: Tensor;
}

/**
 * The detections of one image, by class and then by falling score.
 *
 * @param classNames by label, the background first
 * @param image which image of a batch; default 0
 * @throws ShapeError when the outputs do not fit each other or the class list
 * @example postprocess({ rois, scores, deltas, imInfo }, imagenetVidNames, 'evaluation')
 */
export function postprocess(
  output: NetworkOutput,
  classNames: readonly string[],
  choice: PostprocessChoice = 'demo',
  image = 0,
): Detection[] {
  const settings = postprocessSettings(choice);
  const { K, G } = checkOutput(output, classNames);
  const rows = rowsOfImage(output.rois, image);
  const boxes = cast(originalBoxes(output, rows, image, G), settings.precision);
  const survivors: Survivor[] = [];
  for (let label = 1; label < K; label++) {
    survivors.push(...survivorsOfClass(output.scores, rows, boxes, { label, K, G }, settings));
  }
  return cap(survivors, settings.maxPerImage).map(({ label, place, score }) => {
    const [x1, y1, x2, y2] = boxAt(boxes, place, groupOf(label, { K, G })) as unknown as Box;
    return { label, name: classNames[label]!, score, box: [x1, y1, x2, y2], row: place };
  });
}

function checkOutput(
  { rois, scores, deltas, imInfo }: NetworkOutput,
  classNames: readonly string[],
): { K: number; G: number } {
  const R = rois.shape[0] ?? 0;
  const [K, columns] = [scores.shape.at(-1) ?? 0, deltas.shape.at(-1) ?? 0];
  const fits =
    rois.shape.length === 2 &&
    rois.shape[1] === 5 &&
    elementCount(scores.shape) === R * K &&
    elementCount(deltas.shape) === R * columns &&
    columns > 0 &&
    columns % 4 === 0 &&
    imInfo.shape.at(-1) === 3;
  if (!fits) {
    const shapes = [rois, scores, deltas, imInfo].map(({ shape }) => formatShape(shape)).join(', ');
    throw new ShapeError(
      `postprocess: rois, scores, deltas, imInfo are ${shapes}, expected Rx5, 1xRxK, 1xRx4G, Nx3`,
    );
  }
  if (classNames.length === K) return { K, G: columns / 4 };
  throw new ShapeError(
    `postprocess: the network has ${K} classes, got ${classNames.length} names; the background counts as one`,
  );
}

function rowsOfImage(rois: Tensor, image: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < rois.shape[0]!; row++) if (rois.data[row * 5] === image) rows.push(row);
  return rows;
}

/** (rows, 4·G) in float64: decoded, cut to the network's input, divided by the float32 scale. */
function originalBoxes(
  { rois, deltas, imInfo }: NetworkOutput,
  rows: readonly number[],
  image: number,
  G: number,
): Tensor {
  const regions = zeros([rows.length, 4], 'float64');
  const corrections = zeros([rows.length, 4 * G], deltas.dtype);
  rows.forEach((row, place) => {
    regions.data.set(rois.data.subarray(row * 5 + 1, row * 5 + 5), place * 4);
    corrections.data.set(deltas.data.subarray(row * 4 * G, (row + 1) * 4 * G), place * 4 * G);
  });
  const [height, width, scale] = imInfo.data.subarray(image * 3, image * 3 + 3) as unknown as number[];
  const clipped = clipBoxes(decodeBoxes(regions, corrections), Math.trunc(height!), Math.trunc(width!));
  return tensor(
    clipped.shape,
    Float64Array.from(clipped.data, (x) => x / scale!),
  );
}

/** Classes of the network with the background, and groups of corrections. */
interface Counts {
  readonly K: number;
  readonly G: number;
}

/** The group of corrections that is a class's: its own, or that of all objects. */
const groupOf = (label: number, { K, G }: Counts): number => (G === K ? label : G - 1);

/** A view of one of the G boxes of a place. */
function boxAt({ data, shape }: Tensor, place: number, group: number): Tensor['data'] {
  const start = place * shape[1]! + group * 4;
  return data.subarray(start, start + 4);
}

/** A box that the better ones of its class let be. */
interface Survivor {
  readonly label: number;
  /** Row of the image's boxes. */
  readonly place: number;
  readonly score: number;
}

function survivorsOfClass(
  scores: Tensor,
  rows: readonly number[],
  boxes: Tensor,
  { label, K, G }: Counts & { readonly label: number },
  { scoreThreshold, nmsThreshold }: PostprocessSettings,
): Survivor[] {
  const scoreOf = (place: number): number => scores.data[rows[place]! * K + label]!;
  const places = rows.map((_, place) => place).filter((place) => scoreOf(place) > scoreThreshold);
  const compared = zeros([places.length, 4], boxes.dtype);
  const group = groupOf(label, { K, G });
  places.forEach((place, k) => compared.data.set(boxAt(boxes, place, group), 4 * k));
  const kept = nonMaximumSuppression(compared, places.map(scoreOf), {
    threshold: nmsThreshold,
    ties: 'higher', // the official order is an ascending sort, reversed
  });
  return kept.map((i) => ({ label, place: places[i]!, score: scoreOf(places[i]!) }));
}

/** The best `most` and all that score the same as the last of them. */
function cap(survivors: Survivor[], most: number): Survivor[] {
  if (survivors.length <= most) return survivors;
  const scores = Float64Array.from(survivors, ({ score }) => score).sort();
  const least = scores[scores.length - most] ?? Infinity;
  return survivors.filter(({ score }) => score >= least);
}
