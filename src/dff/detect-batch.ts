/** Detection in a key frame and its followers in one pass. */
import type { Frame, NetworkInput } from '../data/index.ts';
import { type Tensor, tensor } from '../tensor/tensor.ts';
import {
  checkKept,
  type DetectOptions,
  type DetectorParts,
  keyState,
  runFrame,
  sizeOf,
} from './frame-run.ts';
import { disposeKeyState } from './key-frames.ts';
import { type NetworkRun, runNetwork } from './plans.ts';
import { type DetectionResult, forFrame, otherSize, resultOf, sameSize } from './results.ts';

/** See `Detector.detectBatch`. Times of the shared pass are divided evenly among its frames. */
export async function detectBatch(
  parts: DetectorParts,
  frames: readonly Frame[],
  { signal, keep = [] }: DetectOptions = {},
): Promise<DetectionResult[]> {
  signal?.throwIfAborted();
  const key = frames[0];
  if (key === undefined) return [];
  const stranger = frames.find((frame) => !sameSize(key, frame));
  if (stranger) throw otherSize(key, stranger, 'a batch has one size');
  const start = performance.now();
  const inputs = frames.map(parts.prepare);
  const prepared = performance.now();
  const run = await forFrame(key, () => runBatch(parts, inputs, { keep, ...(signal && { signal }) }));
  const finished = performance.now();
  return frames.map((frame, image) => {
    const begun = performance.now();
    const detections = parts.finish(run, image);
    const postprocess = performance.now() - begun;
    const preprocess = (prepared - start) / frames.length;
    const network = (finished - prepared) / frames.length;
    const times = { preprocess, network, postprocess, total: preprocess + network + postprocess };
    return resultOf(frame, {
      isKey: image === 0 || parts.model.family === 'frame',
      detections,
      kept: image === 0 ? run.kept : {},
      times,
    });
  });
}

async function runBatch(
  parts: DetectorParts,
  inputs: readonly NetworkInput[],
  options: DetectOptions & { readonly keep: readonly string[] },
): Promise<NetworkRun> {
  const { model, plans } = parts;
  const [key, ...others] = inputs;
  const im_info = stack(inputs.map(({ imInfo }) => imInfo));
  const size = sizeOf(key!.data);
  if (model.family === 'frame') {
    const compiled = await plans.get('frame', { ...size, images: inputs.length });
    checkKept([compiled], options.keep);
    return runNetwork(compiled, { data: stack(inputs.map(({ data }) => data)), im_info }, options);
  }
  // The batch graph needs at least one follower; a key frame alone is what the key graph is for.
  if (others.length === 0) {
    checkKept([await plans.get('key', size)], options.keep);
    const run = await runFrame(parts, key!, undefined, options);
    disposeKeyState(keyState(run, key!));
    return run;
  }
  const compiled = await plans.get('batch', { ...size, images: others.length });
  checkKept([compiled], options.keep);
  const feeds = { data_key: key!.data, data_other: stack(others.map(({ data }) => data)), im_info };
  return runNetwork(compiled, feeds, options);
}

/** Tensors of one shape (1, ...) one after the other: (n, ...). */
function stack(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  const length = first!.data.length;
  const data = new Float32Array(length * tensors.length);
  tensors.forEach((part, n) => data.set(part.data, n * length));
  return tensor([tensors.length, ...first!.shape.slice(1)], data);
}
