/** One frame through the network: the key graph, or the current graph with what the key frame left behind. */
import type { RunOptions } from '../backends/index.ts';
import type { Frame, NetworkInput } from '../data/index.ts';
import { valueHint } from '../graph/index.ts';
import { ParameterError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { KeyFramePolicy, KeyState } from './key-frames.ts';
import type { Model } from './model.ts';
import { type CompiledGraph, type NetworkRun, type Plans, runNetwork, valueNames } from './plans.ts';
import type { Detection } from './postprocess.ts';

/** The feature map of a key frame, which the other frames are given as `feat_key`. */
const KEY_FEATURE = 'feat_conv_3x3_relu_output';
/** The key frame's image; the key graph hands it through, so that it can stay on the device. */
const KEY_IMAGE = 'data_key';

export interface DetectOptions {
  /** Cancels, between frames and between the layers of the network. */
  readonly signal?: AbortSignal;
  /** Names of inner values to give back with each result, e.g. `warping_feat_output`; a frame has those of its graph. */
  readonly keep?: readonly string[];
}

/** What a detector works with, all defaults filled in. */
export interface DetectorParts {
  readonly model: Model;
  readonly plans: Plans;
  readonly policy: KeyFramePolicy;
  readonly prepare: (frame: Frame) => NetworkInput;
  /** Detections of one image of a run, the first unless said otherwise. */
  readonly finish: (run: NetworkRun, image?: number) => Detection[];
  readonly onSizeChange: 'refuse' | 'restart';
}

/** The network on one frame: with a state carried from it, without one from scratch. */
export async function runFrame(
  { model, plans }: DetectorParts,
  { data, imInfo: im_info }: NetworkInput,
  state: KeyState | undefined,
  options: RunOptions,
): Promise<NetworkRun> {
  const size = sizeOf(data);
  if (model.family === 'frame') return runNetwork(await plans.get('frame', size), { data, im_info }, options);
  if (state) {
    const feeds = { data, im_info, data_key: state.keyImage, feat_key: state.keyFeature };
    return runNetwork(await plans.get('current', size), feeds, options);
  }
  const onDevice = { ...options, keepOnDevice: [KEY_FEATURE, KEY_IMAGE] };
  return runNetwork(await plans.get('key', size), { data, im_info, data_key: data }, onDevice);
}

/** What a key frame leaves behind; nothing in a network that computes every frame by itself. */
export function keyState({ values }: NetworkRun, { data }: NetworkInput): KeyState | undefined {
  const keyFeature = values[KEY_FEATURE];
  return keyFeature && { keyImage: values[KEY_IMAGE] ?? data, keyFeature };
}

/** The graphs that the frames of a video take turns in. */
export async function videoGraphs(
  { model, plans }: DetectorParts,
  { data }: NetworkInput,
): Promise<readonly CompiledGraph[]> {
  const kinds = model.family === 'frame' ? (['frame'] as const) : (['key', 'current'] as const);
  return Promise.all(kinds.map((kind) => plans.get(kind, sizeOf(data))));
}

/** Throws for the name of a value that none of the graphs has. */
export function checkKept(compiled: readonly CompiledGraph[], keep: readonly string[]): void {
  const known = new Set(compiled.flatMap(({ graph }) => [...valueNames(graph)]));
  const stranger = keep.find((name) => !known.has(name));
  if (stranger === undefined) return;
  const hint = valueHint(stranger, [...known]);
  throw new ParameterError(`detect: the network has no value called ${stranger}; ${hint}`);
}

/** The size a graph is traced for, from (1, 3, H, W). */
export function sizeOf({ shape }: Tensor): { readonly height: number; readonly width: number } {
  return { height: shape[2]!, width: shape[3]! };
}
