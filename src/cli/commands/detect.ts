/** `dff detect`: objects in the frames of a video. */
import { resolve } from 'node:path';
import { preprocessDefaults } from '../../data/index.ts';
import { postprocessPresets } from '../../dff/index.ts';
import { backendOptions, readBackend } from '../backend-choice.ts';
import { type Command, defineCommand } from '../command.ts';
import { type DetectRequest, detectFrames } from '../detect/detect-frames.ts';
import { UsageError } from '../failure.ts';
import { withInterrupts } from '../interrupt.ts';

const { scoreThreshold, nmsThreshold } = postprocessPresets.demo;

export const detectCommand: Command = defineCommand({
  name: 'detect',
  summary: 'Detect objects in the frames of a video.',
  details: [
    'Every 10th frame is a key frame, computed from scratch; the frames between are carried from it along the optical flow. Models without a flow network compute every frame from scratch. Without --json, detections are printed as lines of tab-separated columns.',
  ],
  positionals: [
    {
      name: 'FRAMES',
      many: true,
      description:
        'Folders of JPEG or PNG images, in natural order of their names, or image files. Each folder is a video of its own and begins with a key frame; files are frames of one video.',
    },
  ],
  options: {
    model: {
      kind: 'text',
      placeholder: 'MODEL.safetensors',
      required: true,
      description: 'Weights, from dff convert. MXNet .params are read too.',
    },
    json: { kind: 'text', placeholder: 'OUT.json', description: 'Write detections and times as JSON.' },
    render: {
      kind: 'text',
      placeholder: 'FOLDER',
      description: 'Write every frame with its detections drawn, and contact-sheet.png.',
    },
    'key-interval': {
      kind: 'integer',
      placeholder: 'N',
      default: 10,
      least: 1,
      most: 1e6,
      description: 'Every how many frames a key frame comes.',
    },
    ...backendOptions,
    'short-side': {
      kind: 'integer',
      placeholder: 'PIXELS',
      default: preprocessDefaults.shortSide,
      least: 33,
      most: 10_000,
      description: 'Frames are resized until their shorter side has this many pixels.',
    },
    'long-side': {
      kind: 'integer',
      placeholder: 'PIXELS',
      default: preprocessDefaults.longSide,
      least: 33,
      most: 10_000,
      description: 'What the longer side may not exceed.',
    },
    score: {
      kind: 'number',
      placeholder: 'S',
      default: scoreThreshold,
      least: 0,
      most: 1,
      description: 'Detections must score more than this.',
    },
    nms: {
      kind: 'number',
      placeholder: 'T',
      default: nmsThreshold,
      least: 0,
      most: 1,
      description: 'Of two boxes of a class that overlap by more than this (IoU), the better one stays.',
    },
    'max-frames': {
      kind: 'integer',
      placeholder: 'N',
      least: 1,
      most: Infinity,
      description: 'Stop after this many frames. Left out: all.',
    },
    dump: {
      kind: 'names',
      placeholder: 'NAME,NAME...',
      description: 'Inner values to keep of every frame, e.g. conv1_output; needs --dump-to.',
    },
    'dump-to': {
      kind: 'text',
      placeholder: 'FILE.safetensors',
      description: 'Where to write them, as frame000000/NAME. A frame has the values of its graph.',
    },
    quiet: { kind: 'flag', description: 'No progress on stderr.' },
  },
  examples: [
    {
      command: 'dff detect clip/ --model model.safetensors --render drawn/',
      explanation: 'Draw what is found in a folder of frames',
    },
    {
      command: 'dff detect clip/ --model model.safetensors --json clip.json --score 0.05',
      explanation: 'Keep detections of lower score too, as JSON',
    },
    {
      command: 'dff detect clip/ --model model.safetensors --threads 4',
      explanation: 'Leave some cores to others',
    },
    {
      command:
        'dff detect 0.png 1.png --model model.safetensors --dump _mulscalar0_output --dump-to flow.safetensors',
      explanation: 'The flow between two frames, in feature pixels',
    },
  ],
  async run(options, paths, terminal) {
    const { json, render, 'dump-to': dumpTo, 'max-frames': maxFrames } = options;
    const request: DetectRequest = {
      paths,
      model: options.model,
      backend: readBackend(options),
      keyInterval: options['key-interval'],
      shortSide: options['short-side'],
      longSide: options['long-side'],
      scoreThreshold: options.score,
      nmsThreshold: options.nms,
      maxFrames: maxFrames ?? Infinity,
      json,
      render,
      dump: options.dump,
      dumpTo,
      quiet: options.quiet,
    };
    checkRequest(request);
    await withInterrupts((signal) => detectFrames(request, terminal, signal));
    return 0;
  },
});

/** Options that make no sense together. */
function checkRequest({ shortSide, longSide, dump, dumpTo, json, model }: DetectRequest): void {
  if (longSide < shortSide) {
    throw new UsageError(`--long-side is ${longSide}, expected at least --short-side, which is ${shortSide}`);
  }
  if (dump.length > 0 && dumpTo === undefined)
    throw new UsageError('--dump needs --dump-to FILE.safetensors');
  if (dump.length === 0 && dumpTo !== undefined) throw new UsageError('--dump-to needs --dump NAME,NAME...');
  const files = [model, json, dumpTo].filter((path) => path !== undefined).map((path) => resolve(path));
  const twice = files.find((path, k) => files.indexOf(path) < k);
  if (twice !== undefined)
    throw new UsageError(`${twice}: is named twice; every file needs a name of its own`);
}
