/** Frames with their detections drawn, one image each, and a contact sheet of the whole video. */
import { mkdir, realpath, rmdir } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Image } from '../../data/index.ts';
import { contactSheet, draw } from '../../dff/index.ts';
import { writeImage } from '../../node/index.ts';
import { FrameError } from '../../tensor/index.ts';
import type { FrameResult, Output } from './outputs.ts';

/** Most frames on the contact sheet; of longer videos, that many at equal distances. */
const MOST_CELLS = 40;
const CELL_WIDTH = 320;
const SHEET = 'contact-sheet.png';

/**
 * Images are called as the frames' files, in the same format, with the frame number before the name where two frames
 * have the same. An image appears when it is complete; those of earlier frames stay when a later one fails.
 *
 * @param paths the files of all frames, none of which is ever overwritten
 */
export function renderOutput(folder: string, paths: readonly string[]): Output {
  return async (work) => {
    const made = await mkdir(folder, { recursive: true });
    try {
      await refuseInputs(folder, paths);
      const names = imageNames(paths);
      const cells: Image[] = [];
      const captions: string[] = [];
      const wanted = spread(paths.length, MOST_CELLS);
      await work(async (result) => {
        await writeImage(join(folder, names[result.index]!), draw(result));
        if (!wanted.has(result.index)) return;
        cells.push(thumbnail(result));
        captions.push(caption(result));
      });
      if (cells.length > 0) {
        await writeImage(join(folder, SHEET), contactSheet(cells, { captions, cellWidth: CELL_WIDTH }));
      }
    } catch (error) {
      if (made !== undefined) await removeEmpty(resolve(folder), resolve(made));
      throw error;
    }
  };
}

/** Removes a folder and those around it up to `outermost`, as far as they are empty. */
async function removeEmpty(folder: string, outermost: string): Promise<void> {
  try {
    await rmdir(folder);
    if (folder !== outermost) await removeEmpty(dirname(folder), outermost);
  } catch {
    // There is something in it: images of the frames before the failure.
  }
}

/** Drawing into the folder that frames are read from would overwrite them. */
async function refuseInputs(folder: string, paths: readonly string[]): Promise<void> {
  const target = await realpath(folder);
  const sources = await Promise.all(
    [...new Set(paths.map((path) => dirname(path)))].map((path) => realpath(path)),
  );
  if (!sources.includes(target)) return;
  throw new FrameError(`${folder}: the frames are in this folder and would be overwritten; name another one`);
}

/** File names of the drawn frames, all different. */
export function imageNames(paths: readonly string[]): string[] {
  const names = paths.map((path) => {
    const known = /^\.(?:png|jpe?g)$/i.test(extname(path));
    return known ? basename(path) : `${basename(path)}.png`;
  });
  const different = new Set([...names, SHEET].map((name) => name.toLowerCase())).size === names.length + 1;
  if (different) return names;
  return names.map((name, index) => `${String(index).padStart(6, '0')}-${name}`);
}

/** Of `count` positions, at most `most`, at equal distances. */
export function spread(count: number, most: number): ReadonlySet<number> {
  const cells = Math.min(count, most);
  return new Set(Array.from({ length: cells }, (_, k) => Math.floor((k * count) / cells)));
}

/** Drawn for its small size: with larger letters, thicker lines and no badge, whose place the caption takes. */
function thumbnail(result: FrameResult): Image {
  const shrinking = Math.max(result.image.width / CELL_WIDTH, 1);
  const style = {
    textHeight: Math.round(11 * shrinking),
    lineWidth: Math.round(1.5 * shrinking),
    badge: false,
  };
  // A sheet of one image without a gap is that image, made small.
  return contactSheet([draw(result, style)], { cellWidth: CELL_WIDTH, gap: 0 });
}

function caption({ index, isKey, detections }: FrameResult): string {
  return `${index} ${isKey ? 'key' : 'current'}, ${detections.length} found`;
}
