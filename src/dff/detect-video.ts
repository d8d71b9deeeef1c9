/** Detection in a video, one frame after the other. */
import type { Frame } from '../data/index.ts';
import {
  checkKept,
  type DetectOptions,
  type DetectorParts,
  keyState,
  runFrame,
  videoGraphs,
} from './frame-run.ts';
import { disposeKeyState, type KeyState } from './key-frames.ts';
import {
  type DetectionResult,
  forFrame,
  type Frames,
  otherSize,
  resultOf,
  sameSize,
  toFrame,
} from './results.ts';

/** See `Detector.detect`. */
export async function* detectVideo(
  parts: DetectorParts,
  frames: Frames,
  { signal, keep = [] }: DetectOptions = {},
): AsyncGenerator<DetectionResult, void, undefined> {
  const runOptions = { keep, ...(signal && { signal }) };
  let state: KeyState | undefined;
  let previous: Frame | undefined;
  let [position, sinceKey] = [0, 0];
  try {
    for await (const item of frames) {
      signal?.throwIfAborted();
      const frame = toFrame(item, position++);
      if (previous && !sameSize(previous, frame)) {
        const hint = `detect in it separately, or set onSizeChange to 'restart'`;
        if (parts.onSizeChange === 'refuse') throw otherSize(previous, frame, hint);
        disposeKeyState(state);
        state = undefined;
        previous = undefined;
      }
      const start = performance.now();
      const input = parts.prepare(frame);
      const prepared = performance.now();
      if (!previous && keep.length > 0) {
        checkKept(await forFrame(frame, () => videoGraphs(parts, input)), keep);
      }
      previous = frame;

      const question = { index: frame.index, sinceKey: ++sinceKey, image: frame.image, data: input.data };
      const isKey = !state || (await parts.policy({ ...question, state }));
      const begun = performance.now();
      const carried = isKey ? undefined : state;
      const run = await forFrame(frame, () => runFrame(parts, input, carried, runOptions));
      const finished = performance.now();
      if (isKey) {
        disposeKeyState(state);
        state = keyState(run, input);
        sinceKey = 0;
      }
      const detections = parts.finish(run);
      const end = performance.now();
      const times = {
        preprocess: prepared - start,
        network: finished - begun,
        postprocess: end - finished,
        total: end - start,
      };
      yield resultOf(frame, { isKey, detections, kept: run.kept, times });
    }
  } finally {
    disposeKeyState(state);
  }
}
