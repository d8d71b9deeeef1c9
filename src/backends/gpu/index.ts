/**
 * `deep-feature-flow/gpu`: graphs on graphics cards, through gpu.js.
 *
 * @example
 * import { gpuBackend } from 'deep-feature-flow/gpu';
 * const backend = await gpuBackend({ mode: 'best' });
 * const detector = dff.createDetector({ model, backend });
 */
import type { Tensor } from '../../tensor/tensor.ts';
import type { Backend, DeviceTensor } from '../backend.ts';
import { withFastestTile, withTile } from './choose-tile.ts';
import { compile, gpuTensor, NAME } from './compile.ts';
import type { DeviceCounts } from './device.ts';
import { type GpuMode, loadGpuJs } from './gpujs.ts';
import type { LoweringOptions } from './lower.ts';
import { openDevice, type Rejection } from './open-device.ts';
import type { SelfTest } from './self-test.ts';
import { type DeviceSuppressionOptions, suppress } from './suppress.ts';

export { doctor, formatDoctor, type ModeReport } from './doctor.ts';
export type { GpuMode } from './gpujs.ts';
export { gpuModes } from './gpujs.ts';
export type { Rejection } from './open-device.ts';
export type { SelfTest, SelfTestCheck } from './self-test.ts';
export type { DeviceSuppressionOptions } from './suppress.ts';

export interface GpuOptions extends Partial<LoweringOptions> {
  /** How kernels run. Default `best`: the first of `gpuModes` that passes its self-test. */
  readonly mode?: GpuMode | 'best';
  /** Pixels that an invocation of the fast convolution computes. Default: what is fastest here, timed once per mode. */
  readonly tile?: number;
}

export interface GpuBackend extends Backend {
  readonly mode: GpuMode;
  /** What really computes, e.g. the name of the graphics card. */
  readonly description: string;
  /** Pixels that an invocation of the fast convolution computes here. */
  readonly tile: number;
  /** What the mode was tried with before it was used. */
  readonly selfTest: SelfTest;
  /** With `best`: modes that were tried before this one, and why they cannot be used. */
  readonly rejected: readonly Rejection[];
  /** Puts a tensor on the device. The caller disposes of it. */
  upload(tensor: Tensor): Promise<DeviceTensor>;
  /**
   * `nonMaximumSuppression` on the device; overlaps are compared in float32. In modes webgl2 and webgpu a box whose overlap
   * is within rounding of the threshold may be decided otherwise.
   *
   * @example const kept = await backend.nonMaximumSuppression(boxes, scores, { threshold: 0.3, ties: 'higher' })
   */
  nonMaximumSuppression(
    boxes: Tensor,
    scores: ArrayLike<number>,
    options: DeviceSuppressionOptions,
  ): Promise<number[]>;
  /** Resolves when everything launched so far has been computed. */
  finish(): Promise<void>;
  counts(): DeviceCounts;
}

/**
 * A backend in a mode that passed its self-test.
 *
 * @throws UnsupportedBackendError when gpu.js is not installed, or the mode does not work here
 */
export async function gpuBackend(options: GpuOptions = {}): Promise<GpuBackend> {
  const { mode = 'best', kernels = 'fast', fallback, profile = false, tile } = options;
  const gpujs = await loadGpuJs();
  const { device: opened, selfTest, rejected } = await openDevice(gpujs, mode);
  // Obvious kernels have no tile: nothing is timed for them.
  const timed = tile === undefined && kernels === 'fast';
  const device = timed ? await withFastestTile(opened) : withTile(opened, tile ?? opened.capabilities.tile);
  return {
    name: NAME,
    mode: device.mode,
    description: device.description,
    tile: device.capabilities.tile,
    selfTest,
    rejected,
    compile: (graph, parameters) => compile(device, graph, parameters, { kernels, fallback, profile }),
    upload: async (tensor) => gpuTensor(device, { shape: tensor.shape, host: tensor }),
    nonMaximumSuppression: (boxes, scores, given) => suppress(device, boxes, scores, given),
    finish: () => device.finish(),
    counts: () => device.counts(),
    dispose: () => void device.dispose(),
  };
}
