/** The frames that a command line names: folders and files, looked at before anything runs. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { roundEven, scaleFactor } from '../data/index.ts';
import { imageFiles } from '../node/index.ts';
import { FrameError } from '../tensor/index.ts';
import { readImageSize } from './image-size.ts';

/** The paths of a video's frames, in order. */
export type VideoFiles = readonly string[];

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What frames are resized to. */
export interface NetworkSides {
  readonly shortSide: number;
  readonly longSide: number;
}

/** The networks need images of two cells of 16 pixels and a bit. */
const LEAST_SIDE = 33;

/**
 * The videos that arguments name: each folder is one, and so are files that stand next to each other.
 *
 * @param most how many frames to take in all
 * @throws FrameError when a folder holds no images or a path is neither; the system's error when it does not exist
 */
export async function listVideos(paths: readonly string[], most: number = Infinity): Promise<VideoFiles[]> {
  const videos: string[][] = [];
  let loose: string[] | undefined;
  for (const path of paths) {
    const status = await stat(path);
    if (status.isDirectory()) {
      const files = await imageFiles(path);
      if (files.length === 0) throw new FrameError(`${path}: no .jpg, .jpeg or .png files in this folder`);
      videos.push(files);
      loose = undefined;
    } else {
      if (!status.isFile()) throw new FrameError(`${path}: neither a file nor a folder`);
      if (loose === undefined) videos.push((loose = []));
      loose.push(path);
    }
  }
  let left = most;
  const taken = videos.map((files) => {
    const some = files.slice(0, left);
    left -= some.length;
    return some;
  });
  return taken.filter((files) => files.length > 0);
}

/**
 * Reads the header of every frame, so that a run of hours does not end at a frame that could have been known to be
 * unusable: empty, cut off, no image, too thin for the network, or of another size than its video. Pixels are not decoded.
 *
 * @throws FrameError for the first such frame
 */
export async function checkFrames(
  videos: readonly VideoFiles[],
  sides: NetworkSides,
  signal?: AbortSignal,
): Promise<void> {
  for (const files of videos) {
    let first: Size | undefined;
    for (const path of files) {
      signal?.throwIfAborted();
      const { width, height } = readImageSize(await readFile(path), path);
      if (first === undefined) checkThickness(path, { width, height }, sides);
      first ??= { width, height };
      if (width === first.width && height === first.height) continue;
      const sizes = `the frame is ${width}x${height}, those before it are ${first.width}x${first.height}`;
      throw new FrameError(`${path}: ${sizes}; put it into a folder of its own to detect in it separately`);
    }
  }
}

/** A frame that keeps its proportions may have too little left of its shorter side. */
function checkThickness(path: string, { width, height }: Size, { shortSide, longSide }: NetworkSides): void {
  const scale = scaleFactor(width, height, shortSide, longSide);
  const [w, h] = [roundEven(width * scale), roundEven(height * scale)];
  if (Math.min(w, h) >= LEAST_SIDE) return;
  const sizes = `the frame is ${width}x${height}, resized ${w}x${h}`;
  throw new FrameError(
    `${path}: ${sizes}, expected at least ${LEAST_SIDE}x${LEAST_SIDE}; use a larger --short-side and --long-side`,
  );
}

/** What to call each frame: its file name if no other frame has the same, else its path. */
export function frameNames(paths: readonly string[]): string[] {
  const names = paths.map((path) => basename(path));
  return new Set(names).size === names.length ? names : [...paths];
}
