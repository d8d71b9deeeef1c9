/** What a thousand frames leave behind in memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { wasmBackend } from '../../../src/backends/wasm/index.ts';
import { createDetector, officialModel } from '../../../src/dff/index.ts';
import { configure, officialGraph } from '../../../src/nets/index.ts';
import { randomWeights } from '../../random-weights.ts';
import type { Answer, Work } from '../api.ts';
import { movingShapes } from '../frames.ts';

const size = { height: 64, width: 80 };
/** Until everything is compiled that is going to be. */
const WARM_UP = 500;
const FRAMES = 1000;
/** What the engine itself may come and go with, in megabytes. */
const NOISE = 0.5;

export async function measureGrowth({ quick, threads }: Work): Promise<Answer> {
  const configuration = configure({ widthDivisor: 32 });
  const kinds = ['key', 'current'] as const;
  const parameters = randomWeights(kinds.map((kind) => officialGraph(kind, configuration, size)));
  const model = officialModel(parameters, { configuration });
  const backend = await wasmBackend({ threads });
  const { height, width } = size;
  const detector = createDetector({ model, backend, keyInterval: 10, shortSide: height, longSide: width });
  const frame = movingShapes(0, width, height);
  const count = quick ? FRAMES / 10 : FRAMES;
  const clip = (frames: number): (typeof frame)[] => Array.from({ length: frames }, () => frame);
  for await (const _ of detector.detect(clip(quick ? WARM_UP / 10 : WARM_UP)));
  const before = await usage();
  for await (const _ of detector.detect(clip(count)));
  const after = await usage();
  detector.dispose();
  backend.dispose();
  const grown = (key: keyof Usage): number => (after[key] - before[key]) / 1e6;
  const held = grown('external') + grown('heapUsed');
  const value = Math.abs(held) <= NOISE ? 0 : held;
  const text =
    `over ${count} frames: JavaScript ${grown('heapUsed').toFixed(2)} MB, buffers ${grown('external').toFixed(2)} MB, ` +
    `process ${grown('rss').toFixed(2)} MB; up to ${NOISE} MB of the first two is taken for none`;
  const what = `growth of memory over ${count} frames`;
  return { text, findings: [{ what, threads, value, aim: 'growth' }], data: { before, after } };
}

type Usage = Pick<NodeJS.MemoryUsage, 'external' | 'heapUsed' | 'rss'>;

/** Memory that is held, without what waits to be collected. */
async function usage(): Promise<Usage> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let k = 0; k < 3; k++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage();
}
