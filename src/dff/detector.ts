/**
 * The detector: frames in, detections out, in order and one at a time.
 *
 *   frame -> preprocess -> key? -> key graph --------------------------------> postprocess -> result
 *                             \--> current graph (uses key image, key feature) -/
 *
 * Between frames it remembers one value, the last key frame's image and feature map. A feature is always carried
 * directly from there, never from a frame that was itself carried to.
 */
import { type Backend, type BackendOptions, createBackend } from '../backends/index.ts';
import {
  type Frame,
  image as checkedImage,
  type Image,
  type NetworkInput,
  preprocess,
  type PreprocessSettings,
} from '../data/index.ts';
import { FrameError } from '../tensor/errors.ts';
import { checkDetectOptions, checkFrames, checkOptions } from './check-options.ts';
import { detectBatch } from './detect-batch.ts';
import { detectVideo } from './detect-video.ts';
import type { DetectOptions, DetectorParts } from './frame-run.ts';
import { every, type KeyFramePolicy } from './key-frames.ts';
import type { Model } from './model.ts';
import { type FrameSize, warmUp, type WarmUpOptions } from './warm-up.ts';
import { createPlans } from './plans.ts';
import { postprocess, type PostprocessChoice } from './postprocess.ts';
import { type DetectionResult, type Frames, toFrame } from './results.ts';

export interface DetectorOptions extends PreprocessSettings {
  readonly model: Model;
  /** A backend or the name of one. Default `reference`. One that is handed in is not disposed with the detector. */
  readonly backend?: Backend | string;
  /**
   * How the backend `gpu` runs kernels, if it is asked for by name: `webgpu`, `webgl2`, `webasm`, `cpu` or, by default,
   * `best`, the first of these that works.
   */
  readonly mode?: NonNullable<BackendOptions['mode']>;
  /** Workers of the backend `wasm`, if it is asked for by name. Default one for each core. */
  readonly threads?: NonNullable<BackendOptions['threads']>;
  /** Every how many frames a key frame comes. Default 10; `policy` goes before it. */
  readonly keyInterval?: number;
  /** Chooses the key frames. */
  readonly policy?: KeyFramePolicy;
  /** Which boxes become detections: a preset, or changes to `demo`. Default `demo`: scores above 0.7. */
  readonly postprocess?: PostprocessChoice;
  /** By label, the background first. Default those of the model. */
  readonly classNames?: readonly string[];
  /** A frame of another size than its predecessors: an error (default), or a new key frame. */
  readonly onSizeChange?: 'refuse' | 'restart';
}

export interface Detector {
  /**
   * Detects in a video, frame by frame, in constant memory. The first frame is a key frame.
   *
   * @throws FrameError when a frame cannot be used; the signal's reason when it is aborted
   */
  detect(frames: Frames, options?: DetectOptions): AsyncGenerator<DetectionResult, void, undefined>;
  /** Detects in one image by itself. */
  detectImage(image: Image, options?: DetectOptions): Promise<DetectionResult>;
  /**
   * Detects in a key frame, the first, and the frames that follow it in one pass of the network: more memory, fewer
   * calls. Kept values are those of the whole batch and come with the first result.
   */
  detectBatch(frames: Iterable<Frame | Image>, options?: DetectOptions): Promise<DetectionResult[]>;
  /**
   * Compiles the graphs for frames of a size before the first one comes. On a graphics card that takes seconds, in which
   * a page stays alive and can show the progress.
   */
  warmUp(frame: FrameSize, options?: WarmUpOptions): Promise<void>;
  /** Frees compiled graphs. The detector must not be used afterwards. */
  dispose(): void;
}

/**
 * A detector for a model. Graphs are traced and compiled when the first frame of a size arrives; a backend that is asked
 * for by name is made then too.
 *
 * @throws DffError, UnsupportedBackendError for options that make no sense
 * @example
 * const detector = createDetector({ model, keyInterval: 10 });
 * for await (const { source, detections } of detector.detect(frames)) console.log(source, detections);
 */
export function createDetector(options: DetectorOptions): Detector {
  checkOptions(options);
  const { model, backend = 'reference', keyInterval = 10, onSizeChange = 'refuse' } = options;
  const policy = options.policy ?? every(keyInterval);
  const running = typeof backend === 'string' ? namedBackend(backend, options) : handedIn(backend);
  const plans = createPlans(model, running.get);
  const classNames = options.classNames ?? model.classNames;
  const parts: DetectorParts = {
    model,
    plans,
    policy,
    prepare: (frame) => prepare(frame, { pixelMeans: model.pixelMeans, ...options }),
    finish: ({ output }, image) => postprocess(output, classNames, options.postprocess, image),
    onSizeChange,
  };
  return {
    detect(frames, detectOptions) {
      checkFrames(frames);
      checkDetectOptions(detectOptions);
      return detectVideo(parts, frames, detectOptions);
    },
    async detectBatch(frames, detectOptions) {
      checkFrames(frames);
      checkDetectOptions(detectOptions);
      return detectBatch(parts, [...frames].map(toFrame), detectOptions);
    },
    async detectImage(source, detectOptions) {
      checkDetectOptions(detectOptions);
      const [result] = await detectBatch(parts, [toFrame(source, 0)], detectOptions);
      return result!;
    },
    warmUp: (size, warmUpOptions) => warmUp(parts, size, warmUpOptions),
    dispose() {
      plans.dispose();
      running.dispose();
    },
  };
}

interface Running {
  readonly get: () => Promise<Backend>;
  readonly dispose: () => void;
}

/** Made when first needed; if that fails, it is tried again. */
function namedBackend(name: string, { mode, threads }: DetectorOptions): Running {
  let made: Promise<Backend> | undefined;
  return {
    get() {
      if (made) return made;
      const options = { ...(mode !== undefined && { mode }), ...(threads !== undefined && { threads }) };
      const making = createBackend(name, options);
      making.catch(() => (made = undefined));
      return (made = making);
    },
    dispose() {
      made?.then(
        (backend) => backend.dispose(),
        () => {},
      );
    },
  };
}

const handedIn = (backend: Backend): Running => ({ get: async () => backend, dispose() {} });

/** Preprocessing, whose complaints begin with the frame's name. */
function prepare({ source, image }: Frame, settings: PreprocessSettings): NetworkInput {
  try {
    return preprocess(checkedImage(image.width, image.height, image.data), settings);
  } catch (error) {
    if (error instanceof FrameError) throw new FrameError(`${source}: ${error.message}`);
    throw error;
  }
}
