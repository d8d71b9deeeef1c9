/** Frames from files on disk: a folder of JPEG or PNG images, or a list of files. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decodeImage, type DecodeOptions } from '../data/decode.ts';
import { type Frame, type FrameSource, readAhead } from '../data/frame-source.ts';
import type { Image } from '../data/image.ts';
import { naturalOrder } from '../data/natural-order.ts';
import { FrameError } from '../tensor/errors.ts';

export type FileOptions = Omit<DecodeOptions, 'name'>;

/** An image file. @throws FrameError with the file's name when it cannot be read or decoded */
export async function readImage(path: string, options: FileOptions = {}): Promise<Image> {
  return decodeImage(await readBytes(path), { ...options, name: path });
}

/**
 * The images of a folder, in natural order of their names (`frame9` before `frame10`; the official demo forgot to
 * sort). Other files and sub-folders are passed over.
 *
 * @throws FrameError when the folder cannot be read or holds no image, or at the first file that cannot be used
 * @example for await (const frame of frameFolder('clip')) console.log(frame.index, frame.source)
 */
export async function* frameFolder(folder: string, options: FileOptions = {}): FrameSource {
  const files = await imageFiles(folder);
  if (files.length === 0) throw new FrameError(`${folder}: no .jpg, .jpeg or .png files in this folder`);
  yield* frameFiles(files, options);
}

/** The paths of a folder's JPEG and PNG files, in natural order. */
export async function imageFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new FrameError(`${folder}: the folder cannot be read (${reason(error)})`);
  });
  return entries
    .filter(
      (entry) => !entry.isDirectory() && /\.(jpe?g|png)$/i.test(entry.name) && !entry.name.startsWith('.'),
    )
    .map((entry) => entry.name)
    .toSorted(naturalOrder)
    .map((name) => join(folder, name));
}

/** The images of a list of files, in the order given. The next file is read while the present frame is in use. */
export function frameFiles(paths: Iterable<string>, options: FileOptions = {}): FrameSource {
  return readAhead(decodeFiles(paths, options));
}

async function* decodeFiles(paths: Iterable<string>, options: FileOptions): AsyncIterable<Frame> {
  let index = 0;
  for (const path of paths) {
    const start = performance.now();
    const image = await readImage(path, options);
    yield { index, source: basename(path), image, decodeMilliseconds: performance.now() - start };
    index++;
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    throw new FrameError(`${path}: the file cannot be read (${reason(error)})`);
  });
}

function reason(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOENT') return 'it does not exist';
  if (code === 'ENOTDIR') return 'it is not a folder';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}
