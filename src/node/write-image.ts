/** Writing images to disk. */
import { writeFile } from 'node:fs/promises';
import { encodeJpeg, encodePng, type JpegOptions } from '../data/encode.ts';
import type { Image } from '../data/image.ts';
import { FrameError } from '../tensor/errors.ts';

/** Writes an image as PNG or JPEG, as the file's ending says. @throws FrameError for another ending */
export async function writeImage(path: string, image: Image, options: JpegOptions = {}): Promise<void> {
  const ending = /\.([^.]+)$/.exec(path)?.[1]?.toLowerCase();
  if (ending === 'png') await writeFile(path, await encodePng(image));
  else if (ending === 'jpg' || ending === 'jpeg') await writeFile(path, await encodeJpeg(image, options));
  else throw new FrameError(`${path}: cannot tell the format from the name; end it in .png, .jpg or .jpeg`);
}
