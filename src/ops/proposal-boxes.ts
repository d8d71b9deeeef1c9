/**
 * From the outputs of the region proposal network to candidate boxes: decode, clip, and disable those that cannot be
 * trusted. Float32 at every step whatever the dtype of the inputs, since it decides what is suppressed afterwards.
 *
 * Source   MXNet contrib.Proposal and contrib.MultiProposal.
 * Letters  N images, A anchors a cell, H × W map; candidate (y·W + x)·A + a is anchor a of cell (y, x)
 */
import { type Tensor, tensor } from '../tensor/tensor.ts';
import { allAnchors, type AnchorAttributes } from './anchors.ts';

const { fround } = Math;

export interface Candidates {
  /** (H·W·A, 4), float32: x1, y1, x2, y2 in pixels of the resized image. */
  readonly boxes: Tensor;
  /** One per box: the probability of an object, or −1 where the candidate is disabled. */
  readonly scores: Float32Array;
}

/** What is known of one image: pixels after resizing, and resized pixels per original pixel. */
interface ImageInfo {
  readonly height: number;
  readonly width: number;
  readonly scale: number;
}

/**
 * The candidates of image n of a batch, in linear order.
 *
 * @param clsProb (N, 2A, H, W): A background probabilities, then A object probabilities
 * @param bboxPred (N, 4A, H, W): de-normalised corrections, channel 4a + (dx, dy, dw, dh)
 * @param imInfo (N, 3): height, width, scale
 * @param minSize smallest side, in pixels of the original image; 0 accepts all
 */
export function proposalCandidates(
  [clsProb, bboxPred, imInfo]: readonly [Tensor, Tensor, Tensor],
  n: number,
  attributes: AnchorAttributes & { readonly minSize: number },
): Candidates {
  const [, , H = 0, W = 0] = clsProb.shape;
  const [height, width, scale] = [0, 1, 2].map((k) => fround(imInfo.data[3 * n + k]!)) as [
    number,
    number,
    number,
  ];
  const image = { height, width, scale };
  const boxes = decodeAnchors(allAnchors(H, W, attributes), bboxPred, n, image);
  const scores = objectScores(clsProb, n);
  disableDeadCells(scores, H, W, image, attributes.featureStride);
  enlargeSmallBoxes(boxes, scores, fround(attributes.minSize * scale));
  return { boxes, scores };
}

/** The object probabilities of image n, brought from channels (a, y, x) into linear order (y, x, a). */
function objectScores(clsProb: Tensor, n: number): Float32Array {
  const [, channels = 0, H = 0, W = 0] = clsProb.shape;
  const [A, cells] = [channels / 2, H * W];
  const scores = new Float32Array(A * cells);
  for (let a = 0; a < A; a++) {
    const map = (n * channels + A + a) * cells;
    for (let cell = 0; cell < cells; cell++) scores[cell * A + a] = clsProb.data[map + cell]!;
  }
  return scores;
}

/** Corrected anchors, clipped to the image. The sizes e^dw · width are not limited. */
function decodeAnchors(anchors: Tensor, bboxPred: Tensor, n: number, image: ImageInfo): Tensor {
  const [, channels = 0, H = 0, W = 0] = bboxPred.shape;
  const [A, cells] = [channels / 4, H * W];
  const boxes = new Float32Array(4 * A * cells);
  for (let i = 0; i < A * cells; i++) {
    const first = (n * channels + 4 * (i % A)) * cells + Math.floor(i / A);
    for (let axis = 0; axis < 2; axis++) {
      const low = anchors.data[4 * i + axis]!;
      const size = fround(fround(anchors.data[4 * i + 2 + axis]! - low) + 1);
      const shift = fround(bboxPred.data[first + axis * cells]!);
      const growth = fround(bboxPred.data[first + (2 + axis) * cells]!);
      const centre = fround(fround(shift * size) + fround(low + fround(0.5 * fround(size - 1))));
      const half = fround(0.5 * fround(fround(fround(Math.exp(growth)) * size) - 1));
      const last = fround((axis === 0 ? image.width : image.height) - 1);
      boxes[4 * i + axis] = Math.max(Math.min(fround(centre - half), last), 0);
      boxes[4 * i + 2 + axis] = Math.max(Math.min(fround(centre + half), last), 0);
    }
  }
  return tensor([A * cells, 4], boxes);
}

/**
 * Only ⌊height / stride⌋ × ⌊width / stride⌋ cells are live, while the map has ⌈·⌉ of them: where the image is no
 * multiple of the stride, its last row or column is dead. Dead candidates get score −1 and stay in the list, to be
 * chosen when nothing else is left.
 */
function disableDeadCells(
  scores: Float32Array,
  H: number,
  W: number,
  image: ImageInfo,
  stride: number,
): void {
  const A = scores.length / (H * W);
  const liveRows = Math.trunc(fround(image.height / stride));
  const liveColumns = Math.trunc(fround(image.width / stride));
  for (let y = 0; y < H; y++) {
    const firstDead = y < liveRows ? Math.max(0, Math.min(liveColumns, W)) : 0;
    scores.fill(-1, (y * W + firstDead) * A, (y + 1) * W * A);
  }
}

/** Boxes with a side below `least` pixels get score −1 and grow by half of it on every side, beyond the image if need be. */
function enlargeSmallBoxes(boxes: Tensor, scores: Float32Array, least: number): void {
  const box = boxes.data;
  const half = fround(least / 2);
  for (let i = 0; i < scores.length; i++) {
    const width = fround(fround(box[4 * i + 2]! - box[4 * i]!) + 1);
    const height = fround(fround(box[4 * i + 3]! - box[4 * i + 1]!) + 1);
    if (!(width < least || height < least)) continue;
    box[4 * i]! -= half;
    box[4 * i + 1]! -= half;
    box[4 * i + 2]! += half;
    box[4 * i + 3]! += half;
    scores[i] = -1;
  }
}
