/** Frames from disk through the detector into files. */
import { basename } from 'node:path';
import type { Backend } from '../../backends/index.ts';
import {
  createDetector,
  type Detector,
  type LoadedModel,
  type Model,
  postprocessPresets,
} from '../../dff/index.ts';
import { frameFiles } from '../../node/index.ts';
import { type BackendChoice, openBackend } from '../backend-choice.ts';
import type { Terminal } from '../command.ts';
import { oneLine } from '../failure.ts';
import { checkFrames, frameNames, listVideos, type VideoFiles } from '../frame-list.ts';
import { openModel, weightsFor } from '../open-model.ts';
import { refuseOverwriting } from '../same-file.ts';
import { createProgress, formatSeconds } from '../progress.ts';
import { counted } from '../table.ts';
import { checkNames } from './check-names.ts';
import { dumpOutput } from './dump-output.ts';
import { jsonOutput } from './json-output.ts';
import { combineOutputs, type Consume, type Output } from './outputs.ts';
import { renderOutput } from './render-output.ts';
import { textOutput } from './text-output.ts';

/** All that a result depends on besides model and frames. */
interface Settings {
  readonly keyInterval: number;
  readonly backend: BackendChoice;
  readonly shortSide: number;
  readonly longSide: number;
  readonly scoreThreshold: number;
  readonly nmsThreshold: number;
}

export interface DetectRequest extends Settings {
  /** Folders and files. */
  readonly paths: readonly string[];
  readonly model: string;
  /** Infinity for all. */
  readonly maxFrames: number;
  /** Left out: detections are printed. */
  readonly json: string | undefined;
  readonly render: string | undefined;
  /** Names of inner values for `dumpTo`. */
  readonly dump: readonly string[];
  readonly dumpTo: string | undefined;
  readonly quiet: boolean;
}

/** Detects in all frames. Everything that can be wrong with the request is looked for before the first frame runs. */
export async function detectFrames(
  request: DetectRequest,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const backend = await openBackend(request.backend, terminal);
  try {
    const videos = await listVideos(request.paths, request.maxFrames);
    // Also the frames beyond the last one: they are not read now, but are still the user's.
    const all = await listVideos(request.paths);
    await refuseOverwriting([request.json, request.dumpTo], [request.model, ...all.flat()]);
    await checkFrames(videos, request, signal);
    await using model = await openModel(request.model, weightsFor(backend));
    checkNames(model, request.dump);
    for (const warning of model.warnings) terminal.errors.write(`dff: ${oneLine(warning)}\n`);
    const output = combineOutputs(outputsOf(request, videos.flat(), model, backend, terminal));
    const detector = detectorFor(request, model, backend);
    try {
      await output((consume) => walk(videos, detector, request, consume, terminal, signal));
    } finally {
      detector.dispose();
    }
  } finally {
    backend.dispose();
  }
}

function detectorFor(
  { keyInterval, shortSide, longSide, scoreThreshold, nmsThreshold }: Settings,
  model: Model,
  backend: Backend,
): Detector {
  const postprocess = { ...postprocessPresets.demo, scoreThreshold, nmsThreshold };
  return createDetector({ model, backend, keyInterval, shortSide, longSide, postprocess });
}

function outputsOf(
  request: DetectRequest,
  files: readonly string[],
  { family, description }: LoadedModel,
  { name, mode }: Backend,
  { print }: Terminal,
): Output[] {
  const { keyInterval, shortSide, longSide, scoreThreshold, nmsThreshold } = request;
  const computing = { backend: name, ...(mode !== undefined && { mode }) };
  const settings = { keyInterval, ...computing, shortSide, longSide, scoreThreshold, nmsThreshold };
  const model = { file: basename(request.model), family, network: description };
  const metadata = { model: JSON.stringify(model), settings: JSON.stringify(settings) };
  const { json, render, dumpTo } = request;
  return [
    json === undefined ? textOutput(print) : jsonOutput(json, { model, settings }),
    ...(dumpTo === undefined ? [] : [dumpOutput(dumpTo, metadata)]),
    ...(render === undefined ? [] : [renderOutput(render, files)]),
  ];
}

/** Frame after frame, numbered through all videos. */
async function walk(
  videos: readonly VideoFiles[],
  detector: Detector,
  { dump, quiet }: DetectRequest,
  consume: Consume,
  { errors }: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const files = videos.flat();
  const names = frameNames(files);
  const progress = quiet ? undefined : createProgress(errors, files.length);
  const start = performance.now();
  let [index, found] = [0, 0];
  try {
    for (const video of videos) {
      for await (const result of detector.detect(frameFiles(video), { signal, keep: dump })) {
        progress?.clear();
        await consume({ ...result, index, source: names[index]! });
        progress?.frame(result.isKey);
        index++;
        found += result.detections.length;
      }
    }
  } finally {
    progress?.clear();
  }
  const time = formatSeconds((performance.now() - start) / 1000);
  if (!quiet) errors.write(`${counted(index, 'frame')}, ${counted(found, 'detection')}, ${time}\n`);
}
