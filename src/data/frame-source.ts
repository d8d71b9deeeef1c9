/**
 * Frames come one at a time: a source is anything that can be walked with `for await`, so a video of any length takes
 * the memory of a few frames. This file makes sources of what is already in memory; `deep-feature-flow/node` makes them
 * of folders.
 */
import { decodeImage, type DecodeOptions } from './decode.ts';
import type { Image } from './image.ts';

export interface Frame {
  /** Position in the video, from 0. */
  readonly index: number;
  /** Where it came from, for people: a file name, `frame 3`. */
  readonly source: string;
  readonly image: Image;
  /** How long reading and decoding it took, where the source knows. */
  readonly decodeMilliseconds?: number;
}

export type FrameSource = AsyncIterable<Frame>;

/** An encoded image with the name to show for it. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Frames of decoded images, e.g. from a canvas, a camera or a generator. */
export async function* framesFromImages(images: Iterable<Image> | AsyncIterable<Image>): FrameSource {
  let index = 0;
  for await (const image of images) {
    yield { index, source: `frame ${index}`, image };
    index++;
  }
}

/** Frames of JPEG or PNG files in memory, decoded when their turn comes. @throws FrameError with the file's name */
export async function* framesFromBytes(
  files: Iterable<Uint8Array | NamedBytes> | AsyncIterable<Uint8Array | NamedBytes>,
  options: DecodeOptions = {},
): FrameSource {
  let index = 0;
  for await (const file of files) {
    const { name, bytes } = 'bytes' in file ? file : { name: `frame ${index}`, bytes: file };
    const start = performance.now();
    const image = await decodeImage(bytes, { ...options, name });
    yield { index, source: name, image, decodeMilliseconds: performance.now() - start };
    index++;
  }
}

/**
 * The same items, each asked for while its predecessor is in use, so that reading a file and computing overlap. One item
 * is held in advance. An error of the source surfaces at the item that it belongs to.
 */
export async function* readAhead<T>(source: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  const ask = (): Promise<IteratorResult<T>> => {
    const next = iterator.next();
    next.catch(() => {}); // it is reported when it is awaited; until then it must not count as unhandled
    return next;
  };
  let pending = ask();
  try {
    for (;;) {
      const { done, value } = await pending;
      if (done === true) return;
      pending = ask();
      yield value;
    }
  } finally {
    await pending.catch(() => {});
    await iterator.return?.();
  }
}
