/** One part, in the process that was started for it. */
import { match, P } from 'ts-pattern';
import type { Answer, Work } from './api.ts';
import { measureFrames } from './parts/frames.ts';
import { measureGrowth } from './parts/growth.ts';
import { measureLayers } from './parts/layers.ts';
import { measureMemory } from './parts/memory.ts';
import { measureMxnet } from './parts/mxnet.ts';
import { measureNetwork } from './parts/networks.ts';
import { measureProducts } from './parts/products.ts';
import { measureStart } from './parts/start.ts';
import { measureVideo } from './parts/video.ts';

export function measurePart(work: Work): Promise<Answer> {
  return match(work.part)
    .with(P.union('feature', 'flow'), (kind) => measureNetwork(kind, work))
    .with('layers', () => measureLayers(work))
    .with('products', () => measureProducts(work))
    .with('frames', () => measureFrames(work))
    .with('video', () => measureVideo(work))
    .with('memory', () => measureMemory(work))
    .with('start', () => measureStart(work))
    .with('growth', () => measureGrowth(work))
    .with('mxnet', () => measureMxnet(work))
    .exhaustive();
}
