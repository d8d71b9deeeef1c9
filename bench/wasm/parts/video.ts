/**
 * Deep Feature Flow with a key frame every ten frames against Frame R-FCN, which computes every frame from scratch: whole
 * detectors, from decoded frames to boxes.
 *
 * Beside it what the paper predicts, s = l / (1 + (l − 1) · r) (Eq. 7), with r (Eq. 5) the measured time of the network in
 * a current frame over that in a frame from scratch.
 */
import type { Backend } from '../../../src/backends/index.ts';
import { wasmBackend } from '../../../src/backends/wasm/index.ts';
import { createDetector, type Detector, officialModel } from '../../../src/dff/index.ts';
import { officialGraph } from '../../../src/nets/index.ts';
import { randomWeights } from '../../random-weights.ts';
import { median } from '../../timing.ts';
import type { Answer, Work } from '../api.ts';
import { now } from '../measure.ts';
import { movingShapes } from '../frames.ts';
import { sizeFor, type Size } from '../size.ts';

const INTERVAL = 10;
/** Frames of Frame R-FCN for each clip of the other. */
const FRAMES = 2;

interface FrameTimes {
  /** Processor milliseconds from the decoded frame to boxes, and their share in the network. */
  readonly total: number;
  readonly network: number;
}

/** What the frames of a clip took, in order. */
async function times(detector: Detector, frames: number, { height, width }: Size): Promise<FrameTimes[]> {
  const clip = Array.from({ length: frames }, (_, t) => movingShapes(t, width, height));
  const results: FrameTimes[] = [];
  let start = now('processor');
  for await (const { milliseconds } of detector.detect(clip)) {
    const total = now('processor') - start;
    results.push({ total, network: (total * milliseconds.network) / milliseconds.total });
    start = now('processor');
  }
  return results;
}

export async function measureVideo({ quick, threads, rounds }: Work): Promise<Answer> {
  const size = sizeFor(quick);
  const backend = await wasmBackend({ threads });
  const [flow, frame] = [detectorOf('dff', size, backend), detectorOf('frame', size, backend)];
  await times(flow, 2, size);
  await times(frame, 1, size);
  const clips: { readonly flow: FrameTimes[]; readonly frame: FrameTimes[] }[] = [];
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    clips.push({ flow: await times(flow, INTERVAL, size), frame: await times(frame, FRAMES, size) });
  }
  flow.dispose();
  frame.dispose();
  backend.dispose();

  const mean = (list: readonly FrameTimes[], key: keyof FrameTimes): number =>
    list.reduce((sum, times) => sum + times[key], 0) / list.length;
  const value = median(clips.map(({ flow, frame }) => mean(frame, 'total') / mean(flow, 'total')));
  const ratio = median(
    clips.map(({ flow, frame }) => mean(flow.slice(1), 'network') / mean(frame, 'network')),
  );
  const predicted = speedUp(INTERVAL, ratio);
  const [key, current, whole] = [
    median(clips.map(({ flow }) => flow[0]!.total)),
    median(clips.map(({ flow }) => mean(flow.slice(1), 'total'))),
    median(clips.map(({ frame }) => mean(frame, 'total'))),
  ];
  const text =
    `key frame ${key.toFixed(0)} ms, current frame ${current.toFixed(0)} ms, Frame R-FCN ${whole.toFixed(0)} ms; ` +
    `1/r ${(1 / ratio).toFixed(2)}, by Eq. 7 ${predicted.toFixed(2)} times as fast, measured ${value.toFixed(2)} times`;
  const what = `Deep Feature Flow, interval ${INTERVAL}, against Frame R-FCN`;
  const note = `Eq. 7: ${predicted.toFixed(2)}`;
  return {
    text,
    findings: [{ what, threads, value, aim: 'video', note }],
    data: { clips, ratio, predicted },
  };
}

/** Eq. 7 of the paper. @param interval l, @param ratio r */
function speedUp(interval: number, ratio: number): number {
  return interval / (1 + (interval - 1) * ratio);
}

function detectorOf(
  family: 'dff' | 'frame',
  { configuration, height, width }: Size,
  backend: Backend,
): Detector {
  const kinds = family === 'dff' ? (['key', 'current'] as const) : (['frame'] as const);
  const parameters = randomWeights(
    kinds.map((kind) => officialGraph(kind, configuration, { height, width })),
  );
  const model = officialModel(parameters, { family, configuration });
  return createDetector({ model, backend, keyInterval: INTERVAL, shortSide: height, longSide: width });
}
