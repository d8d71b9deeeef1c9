/** Writing images to disk. */
import { encodeJpeg, encodePng, type JpegOptions } from '../data/encode.ts';
import type { Image } from '../data/image.ts';
import { FrameError } from '../tensor/errors.ts';
import { writeAtomically } from './files.ts';

/**
 * Writes an image as PNG or JPEG, as the file's ending says. The file appears when it is complete.
 *
 * @throws FrameError for another ending; DffError when the disk refuses
 */
export async function writeImage(path: string, image: Image, options: JpegOptions = {}): Promise<void> {
  const bytes = await encode(path, image, options);
  await writeAtomically(path, (sink) => sink.write(bytes));
}

async function encode(path: string, image: Image, options: JpegOptions): Promise<Uint8Array> {
  const ending = /\.([^.]+)$/.exec(path)?.[1]?.toLowerCase();
  if (ending === 'png') return encodePng(image);
  if (ending === 'jpg' || ending === 'jpeg') return encodeJpeg(image, options);
  throw new FrameError(`${path}: cannot tell the format from the name; end it in .png, .jpg or .jpeg`);
}
