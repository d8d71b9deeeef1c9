import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeJpeg, encodePng, image } from '../../src/data/index.ts';
import { frameFiles, frameFolder, readImage, writeImage } from '../../src/node/index.ts';
import { FrameError } from '../../src/tensor/errors.ts';
import { hasShared, shared } from '../shared.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frames-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function names(source: AsyncIterable<{ index: number; source: string }>): Promise<string[]> {
  const list: string[] = [];
  for await (const frame of source) list[frame.index] = frame.source;
  return list;
}

describe('frameFolder', () => {
  test('gives JPEG and PNG files in natural order and passes over everything else', async () => {
    await writeFile(join(folder, 'frame10.png'), await encodePng(image(4, 2)));
    await writeFile(join(folder, 'frame9.JPEG'), await encodeJpeg(image(4, 2)));
    await writeFile(join(folder, 'frame1.jpg'), await encodePng(image(4, 2))); // the content decides
    await writeFile(join(folder, 'notes.txt'), 'hello');
    await writeFile(join(folder, '.hidden.png'), '');
    await mkdir(join(folder, 'sub.png'));
    expect(await names(frameFolder(folder))).toEqual(['frame1.jpg', 'frame9.JPEG', 'frame10.png']);
  });

  test('names the file that cannot be used, at its turn', async () => {
    await writeFile(join(folder, '0.png'), await encodePng(image(4, 2)));
    await writeFile(join(folder, '1.png'), 'not a picture');
    const seen: string[] = [];
    const walk = async () => {
      for await (const { source } of frameFolder(folder)) seen.push(source);
    };
    await expect(walk()).rejects.toThrow(`${join(folder, '1.png')}: neither JPEG nor PNG`);
    expect(seen).toEqual(['0.png']);
  });

  test('refuses a folder that is missing or has no images', async () => {
    await expect(names(frameFolder(join(folder, 'none')))).rejects.toThrow(
      'the folder cannot be read (it does not exist)',
    );
    await expect(names(frameFolder(folder))).rejects.toThrow('no .jpg, .jpeg or .png files');
    await expect(names(frameFiles([join(folder, 'x.png')]))).rejects.toThrow(FrameError);
  });

  test.skipIf(!hasShared)('walks a real clip', async () => {
    const clip = shared('fixtures/frames/ILSVRC2015_val_00007010');
    const seen: string[] = [];
    for await (const { source, image } of frameFolder(clip)) {
      expect([image.width, image.height]).toEqual([1280, 720]);
      if (seen.push(source) === 3) break;
    }
    expect(seen).toEqual(['000000.JPEG', '000001.JPEG', '000002.JPEG']);
  });
});

test('writeImage chooses the format by the ending', async () => {
  const picture = image(
    3,
    2,
    Uint8Array.from({ length: 18 }, (_, i) => i * 10),
  );
  await writeImage(join(folder, 'a.png'), picture);
  await writeImage(join(folder, 'a.JPG'), picture);
  expect(await readImage(join(folder, 'a.png'))).toEqual(picture);
  expect((await readImage(join(folder, 'a.JPG'))).width).toBe(3);
  await expect(writeImage(join(folder, 'a.gif'), picture)).rejects.toThrow('end it in .png, .jpg or .jpeg');
});
