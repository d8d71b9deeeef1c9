/** The package as its README shows it, on a small network. */
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dff } from '../../src/index.ts';
import { frameFolder, openFile, readImage, writeImage } from '../../src/node/index.ts';
import { hasShared, shared } from '../shared.ts';

test.skipIf(!hasShared)('a folder of frames becomes a folder of pictures with boxes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dff-'));
  try {
    for (const name of ['000000.JPEG', '000001.JPEG']) {
      await symlink(shared(`fixtures/frames/ILSVRC2015_val_00007010/${name}`), join(folder, name));
    }
    await using file = await openFile(shared('goldens/networks/narrow/narrow-0000.params'));
    const model = await dff.loadModel(file);
    const detector = dff.createDetector({ model, shortSide: 150, longSide: 250 });
    const seen: string[] = [];
    for await (const result of detector.detect(frameFolder(folder))) {
      seen.push(`${result.source} ${result.isKey ? 'key' : 'current'} ${result.detections.length}`);
      await writeImage(join(folder, `${result.index}.png`), dff.draw(result));
    }
    detector.dispose();
    expect(seen).toEqual(['000000.JPEG key 5', '000001.JPEG current 6']);
    expect((await readdir(folder)).filter((name) => name.endsWith('.png'))).toEqual(['0.png', '1.png']);
    expect((await readImage(join(folder, '1.png'))).width).toBe(1280);
  } finally {
    await rm(folder, { recursive: true });
  }
});
