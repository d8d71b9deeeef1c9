/**
 * `npm run demo`: carries the features of a key frame through a short clip whose motion is known, and writes a page
 * with pictures, errors, times and costs to `out/demo/index.html`. Options: `--out FOLDER`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KEY_INTERVAL, measuredSpeedUp, speedUp, total } from './demo/cost.ts';
import { measure } from './demo/measure.ts';
import { page } from './demo/page.ts';
import { clip } from './demo/scene.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'out/demo' } } });
const start = performance.now();

console.log(
  `A clip of ${clip.frames} frames (${clip.width}x${clip.height}) with known motion, a small untrained network.`,
);
console.log('\nError of the feature map (0: as from scratch, 1: as bad as the average):');
const measurement = await measure(console.log);

const { seconds, multiplyAdds } = measurement.cost;
const ms = (value: number): string => `${(1000 * value).toFixed(0)} ms`;
const { features, flow } = multiplyAdds.official;
console.log(`
Key frame ${ms(total(seconds.key))}, carried frame ${ms(total(seconds.current))} (flow network ${ms(seconds.current.flow)}).
With a key frame every ${KEY_INTERVAL} frames: ${measuredSpeedUp(measurement.cost, KEY_INTERVAL).toFixed(1)} times as fast as every frame from scratch.
The official network: 1/r = ${(features / flow).toFixed(2)}, ${speedUp(KEY_INTERVAL, flow / features).toFixed(2)} times by Eq. 7 (paper: 12.71 and 5.85).`);

await mkdir(values.out, { recursive: true });
const path = join(values.out, 'index.html');
await writeFile(path, await page(measurement));
console.log(`\n${path} (${((performance.now() - start) / 1000).toFixed(0)} s). Open it in a browser.`);
