/**
 * Detects objects in a folder of frames and writes each frame with its detections drawn.
 *
 *   node scripts/run.mjs examples/detect-folder.ts FOLDER MODEL OUT
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dff } from 'deep-feature-flow';
import { frameFolder, openFile, writeImage } from 'deep-feature-flow/node';

const [folder = 'frames', modelFile = 'model.safetensors', out = 'drawn'] = process.argv.slice(2);
await mkdir(out, { recursive: true });

await using file = await openFile(modelFile);
const model = await dff.loadModel(file);
console.log(model.description);

// The official size is 600 to 1000 pixels; a quarter of it is quick to try.
const detector = dff.createDetector({ model, keyInterval: 10, shortSide: 150, longSide: 250 });
for await (const result of detector.detect(frameFolder(folder))) {
  const found = result.detections.map(({ name, score }) => `${name} ${score.toFixed(2)}`);
  console.log(`${result.source} ${result.isKey ? 'key' : 'current'}: ${found.join(', ') || 'nothing'}`);
  await writeImage(join(out, `${String(result.index).padStart(6, '0')}.png`), dff.draw(result));
}
detector.dispose();
