/** What a compiler would have refused: callers without types, or with data from elsewhere. */
import { expect, test } from 'vitest';
import { image, type Image } from '../../src/data/index.ts';
import { createDetector, type Detector } from '../../src/dff/detector.ts';
import { officialModel } from '../../src/dff/model.ts';
import { DffError, FrameError } from '../../src/tensor/errors.ts';
import { fakeBackend, fakeModel } from './fake-network.ts';

const detectorWith = (options: Readonly<Record<string, unknown>> = {}): Detector =>
  createDetector({
    model: fakeModel(),
    backend: fakeBackend(),
    shortSide: 10,
    longSide: 20,
    ...options,
  });

async function walk(results: () => AsyncIterable<unknown>): Promise<void> {
  for await (const _ of results());
}

test.each<[string, unknown, string]>([
  ['model', undefined, 'model is undefined, expected a model; await loadModel(...) gives one'],
  ['model', 'model.safetensors', 'model is "model.safetensors", expected a model'],
  ['policy', 3, 'policy is 3, expected a function'],
  ['onSizeChange', 'ignore', `onSizeChange is "ignore", expected 'refuse' or 'restart'`],
  ['backend', {}, 'expected a name or a backend'],
  ['classNames', ['background'], 'got 1 classNames, expected 2; the background counts as one'],
  ['shortSide', -5, 'shortSide is -5, expected a positive number of pixels'],
  ['longSide', 5, 'longSide is 5, expected a number of pixels not below shortSide, which is 10'],
  ['pixelMeans', [1, 2], 'pixelMeans is 1,2, expected three numbers'],
  ['imageStride', 0.5, 'imageStride is 0.5, expected a whole number of at least 0'],
  ['postprocess', 'best', 'postprocess is "best", expected demo, evaluation or settings'],
  ['postprocess', { scoreThreshold: NaN }, 'scoreThreshold is NaN, expected a number from 0 to 1'],
  ['postprocess', { nmsThreshold: 30 }, 'nmsThreshold is 30, expected a number from 0 to 1'],
  ['postprocess', { precision: 'float16' }, `precision is "float16", expected 'float32' or 'float64'`],
  ['postprocess', { maxPerImage: -1 }, 'maxPerImage is -1, expected a whole number'],
])('the option %s of %j is refused before the first frame', (name, value, message) => {
  expect(() => detectorWith({ [name]: value })).toThrow(DffError);
  expect(() => detectorWith({ [name]: value })).toThrow(message);
});

test.each<[unknown, string]>([
  ['frames', 'got the text "frames", expected frames; frameFolder(path) gives those of a folder'],
  [undefined, 'got undefined, expected something to walk through'],
  [image(20, 10), 'detectImage takes a single image'],
  [Uint8Array.of(1), 'got object, expected something to walk through'],
  [[null], 'frame 0: got null, expected an image'],
  [[Uint8Array.of(1)], 'frame 0: got bytes, expected an image; decode them with framesFromBytes'],
])('%j in place of frames is refused', async (frames, message) => {
  const detector = detectorWith();
  const work = walk(() => detector.detect(frames as Image[]));
  await expect(work).rejects.toThrow(FrameError);
  await expect(work).rejects.toThrow(message);
  await expect(detector.detectBatch(frames as Image[])).rejects.toThrow(message);
});

test('a frame that is too thin for the network is named', async () => {
  const detector = createDetector({ model: officialModel(new Map()), shortSide: 40, longSide: 40 });
  const thin = image(20, 10);
  const message = 'frame 0: network key: image is 40x20 pixels, expected at least 33x33';
  await expect(walk(() => detector.detect([thin]))).rejects.toThrow(message);
  await expect(walk(() => detector.detect([thin], { keep: ['x'] }))).rejects.toThrow(message);
  await expect(detector.detectImage(thin)).rejects.toThrow(message);
});
