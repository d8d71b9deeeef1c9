/** What a detector takes and gives, frame by frame. */
import type { Frame, Image } from '../data/index.ts';
import { FrameError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Detection } from './postprocess.ts';

/** Frames, or plain images, which are then numbered from 0. */
export type Frames = Iterable<Frame | Image> | AsyncIterable<Frame | Image>;

/** Times of a frame in milliseconds. */
export interface FrameTimes {
  /** Reading and decoding, where the frame source measures it. Not part of `total`. */
  readonly decode?: number;
  readonly preprocess: number;
  readonly network: number;
  readonly postprocess: number;
  readonly total: number;
}

export interface DetectionResult {
  readonly index: number;
  readonly source: string;
  /** The frame as it came, to be drawn on. */
  readonly image: Image;
  readonly isKey: boolean;
  /** By class, then by falling score; boxes in pixels of `image`. */
  readonly detections: readonly Detection[];
  readonly milliseconds: FrameTimes;
  /** The values asked for with `keep`. */
  readonly kept: Readonly<Record<string, Tensor>>;
}

/** A result from a frame and what was found in it. */
export function resultOf(
  { index, source, image, decodeMilliseconds: decode }: Frame,
  found: Pick<DetectionResult, 'isKey' | 'detections' | 'kept'> & { readonly times: FrameTimes },
): DetectionResult {
  const { isKey, detections, kept, times } = found;
  const milliseconds = decode === undefined ? times : { decode, ...times };
  return { index, source, image, isKey, detections, milliseconds, kept };
}

/**
 * The item itself when it is a frame, else a frame of the image.
 *
 * @throws FrameError when it is neither, as a caller without types may find
 */
export function toFrame(item: Frame | Image, index: number): Frame {
  if (ArrayBuffer.isView(item)) {
    throw new FrameError(`frame ${index}: got bytes, expected an image; decode them with framesFromBytes`);
  }
  if (typeof item !== 'object' || item === null) {
    throw new FrameError(
      `frame ${index}: got ${item === null ? 'null' : typeof item}, expected an image or a frame`,
    );
  }
  return 'image' in item ? item : { index, source: `frame ${index}`, image: item };
}

/** Runs something for a frame; complaints about the image then begin with the frame's name. */
export async function forFrame<T>({ source }: Frame, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof FrameError ? new FrameError(`${source}: ${error.message}`) : error;
  }
}

export function sameSize({ image: a }: Frame, { image: b }: Frame): boolean {
  return a.width === b.width && a.height === b.height;
}

/** The complaint about a frame of another size than the first one. */
export function otherSize(first: Frame, frame: Frame, hint: string): FrameError {
  const size = ({ image }: Frame): string => `${image.width}x${image.height}`;
  const sizes = `the frame is ${size(frame)}, those before it are ${size(first)}`;
  return new FrameError(`${frame.source}: ${sizes}; ${hint}`);
}
