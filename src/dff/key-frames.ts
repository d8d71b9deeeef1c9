/** Which frames are key frames, and what is remembered of the last one. */
import { type Fed, isDeviceTensor } from '../backends/index.ts';
import type { Image } from '../data/index.ts';
import { DffError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** All that a key frame leaves behind for the frames that follow it. */
export interface KeyState {
  /** (1, 3, H, W): the key frame as the network saw it. */
  readonly keyImage: Fed;
  /** (1, C, h, w): its feature map. */
  readonly keyFeature: Fed;
}

/** What a policy can go by. */
export interface KeyFrameQuestion {
  /** Index of the frame in its video. */
  readonly index: number;
  /** How many frames ago the last key frame was: 1 for the frame right after it. */
  readonly sinceKey: number;
  readonly image: Image;
  /** (1, 3, H, W): the frame as the network will see it. */
  readonly data: Tensor;
  /** What is remembered of the last key frame. */
  readonly state: KeyState;
}

/**
 * Says whether a frame should be a key frame. The first frame of a video always is, and is not asked about.
 *
 * @example const atCuts: KeyFramePolicy = ({ image, sinceKey }) => sinceKey >= 20 || isCut(image)
 */
export type KeyFramePolicy = (question: KeyFrameQuestion) => boolean | Promise<boolean>;

/** Every n-th frame, counted from the start of the video. The official schedule is `every(10)`. */
export function every(n: number): KeyFramePolicy {
  if (!Number.isInteger(n) || n < 1) {
    throw new DffError(`key frames: interval is ${n}, expected a whole number of at least 1`);
  }
  return ({ sinceKey }) => sinceKey >= n;
}

/** Frees what a state holds on a device. */
export function disposeKeyState(state: KeyState | undefined): void {
  if (state === undefined) return;
  for (const value of [state.keyImage, state.keyFeature]) if (isDeviceTensor(value)) value.dispose();
}
