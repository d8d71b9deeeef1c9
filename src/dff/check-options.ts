/**
 * What a detector is asked for, looked at before it is made. The compiler sees most of this too; plain JavaScript, JSON
 * and command lines have no compiler, and a wrong threshold or mean gives no error later, only wrong detections.
 */
import { checkNames } from '../backends/check-arguments.ts';
import { checkBackendName } from '../backends/index.ts';
import { preprocessDefaults } from '../data/index.ts';
import { DffError, FrameError } from '../tensor/errors.ts';
import type { DetectorOptions } from './detector.ts';
import type { DetectOptions } from './frame-run.ts';
import { postprocessPresets, postprocessSettings } from './postprocess.ts';
import type { Frames } from './results.ts';

function complain(option: string, got: unknown, expected: string): never {
  const what = typeof got === 'string' ? JSON.stringify(got.slice(0, 80)) : String(got);
  throw new DffError(`createDetector: ${option} is ${what}, expected ${expected}`);
}

/** @throws DffError for the first option that makes no sense, UnsupportedBackendError for a backend that does not exist */
export function checkOptions(options: DetectorOptions): void {
  const { model, policy, onSizeChange, backend, mode, threads, classNames } =
    (options as DetectorOptions | undefined) ?? {};
  if (typeof model?.graph !== 'function') {
    complain('model', model, 'a model; await loadModel(...) gives one');
  }
  if (policy !== undefined && typeof policy !== 'function') complain('policy', policy, 'a function');
  if (onSizeChange !== undefined && !['refuse', 'restart'].includes(onSizeChange)) {
    complain('onSizeChange', onSizeChange, "'refuse' or 'restart'");
  }
  if (backend !== undefined && typeof backend !== 'string' && typeof backend?.compile !== 'function') {
    complain('backend', backend, 'a name or a backend');
  }
  if (typeof backend === 'string') checkBackendName(backend);
  if (mode !== undefined && backend !== 'gpu') complain('mode', mode, "no mode unless backend is 'gpu'");
  if (threads !== undefined && backend !== 'wasm') {
    complain('threads', threads, "no threads unless backend is 'wasm'");
  }
  if (classNames !== undefined && classNames.length !== model.classNames.length) {
    const [got, count] = [classNames.length, model.classNames.length];
    throw new DffError(
      `createDetector: got ${got} classNames, expected ${count}; the background counts as one`,
    );
  }
  checkPreprocessing(options);
  checkPostprocessing(options.postprocess);
}

function checkPreprocessing(options: DetectorOptions): void {
  const { shortSide, longSide, pixelMeans, imageStride } = { ...preprocessDefaults, ...options };
  if (!(shortSide > 0 && shortSide < Infinity))
    complain('shortSide', shortSide, 'a positive number of pixels');
  if (!(longSide >= shortSide && longSide < Infinity)) {
    complain('longSide', longSide, `a number of pixels not below shortSide, which is ${shortSide}`);
  }
  const means: readonly unknown[] = Array.isArray(pixelMeans) ? pixelMeans : [];
  if (means.length !== 3 || !means.every(Number.isFinite)) {
    complain('pixelMeans', pixelMeans, 'three numbers: of red, green and blue');
  }
  if (!(Number.isSafeInteger(imageStride) && imageStride >= 0)) {
    complain('imageStride', imageStride, 'a whole number of at least 0');
  }
}

function checkPostprocessing(choice: DetectorOptions['postprocess']): void {
  if (typeof choice === 'string' && !Object.hasOwn(postprocessPresets, choice)) {
    complain('postprocess', choice, `${Object.keys(postprocessPresets).join(', ')} or settings`);
  }
  const { scoreThreshold, nmsThreshold, precision, maxPerImage } = postprocessSettings(choice);
  for (const [name, value] of Object.entries({ scoreThreshold, nmsThreshold })) {
    if (!(value >= 0 && value <= 1)) complain(name, value, 'a number from 0 to 1');
  }
  if (precision !== 'float32' && precision !== 'float64') {
    complain('precision', precision, "'float32' or 'float64'");
  }
  if (!(maxPerImage === Infinity || (Number.isSafeInteger(maxPerImage) && maxPerImage >= 0))) {
    complain('maxPerImage', maxPerImage, 'a whole number of at least 0, or Infinity');
  }
}

/** @throws DffError for what is to be kept, unless it is a list of names */
export function checkDetectOptions(options: DetectOptions | undefined): void {
  checkNames('detect: keep', options?.keep);
}

/** @throws FrameError when there is nothing to walk through, e.g. for the path of a folder */
export function checkFrames(frames: Frames): void {
  const given: unknown = frames;
  if (typeof given === 'string') {
    const what = JSON.stringify(given.slice(0, 80));
    throw new FrameError(
      `detect: got the text ${what}, expected frames; frameFolder(path) gives those of a folder`,
    );
  }
  const walkable =
    typeof given === 'object' &&
    given !== null &&
    (Symbol.iterator in given || Symbol.asyncIterator in given);
  if (walkable && !ArrayBuffer.isView(given)) return;
  const got = given === null ? 'null' : typeof given;
  throw new FrameError(
    `detect: got ${got}, expected something to walk through with for await; detectImage takes a single image`,
  );
}
