/** `dff bench`: how fast a network is on this machine. */
import { availableParallelism, cpus } from 'node:os';
import { type LoadedModel, type Model, officialModel } from '../../dff/index.ts';
import { configure, officialGraph } from '../../nets/index.ts';
import { backendOptions, openBackend, readBackend } from '../backend-choice.ts';
import { describeReport } from '../bench/describe.ts';
import { frameCount, measure, type Measured, type MeasureRequest } from '../bench/measure.ts';
import { randomWeights } from '../bench/random-weights.ts';
import type { Report } from '../bench/report.ts';
import { speedUps } from '../bench/speed-up.ts';
import { type Command, defineCommand } from '../command.ts';
import { oneLine, UsageError } from '../failure.ts';
import { withInterrupts } from '../interrupt.ts';
import { sizeOptions } from '../network-size.ts';
import { openModel, weightsFor } from '../open-model.ts';
import { createProgress } from '../progress.ts';

const INTERVALS = [1, 2, 5, 10, 20];

export const benchCommand: Command = defineCommand({
  name: 'bench',
  summary: 'Measure how fast a network is on this machine, as a whole and node by node.',
  details: [
    'Detects in frames that are made up and tells, for key frames and for frames that are carried from them, the time from the decoded image to detections, that of every node, and memory; and for several intervals of key frames how many times as fast that is as computing every frame from scratch, beside what formula (7) of the paper makes of the multiply-adds. Times are medians by the clock: let nothing else run meanwhile. Without a model, the official network with random weights is measured.',
  ],
  positionals: [
    {
      name: 'MODEL.safetensors',
      optional: true,
      description: 'Weights, from dff convert. MXNet .params are read too. Default: random ones.',
    },
  ],
  options: {
    ...backendOptions,
    ...sizeOptions,
    intervals: {
      kind: 'names',
      placeholder: 'N,N...',
      description: `Intervals of key frames. Default ${INTERVALS.join(',')}.`,
    },
    frames: {
      kind: 'integer',
      placeholder: 'N',
      default: 5,
      least: 1,
      most: 10_000,
      description: 'How many frames of each kind are measured, after one that is not.',
    },
    top: {
      kind: 'integer',
      placeholder: 'N',
      default: 12,
      least: 0,
      most: Infinity,
      description: 'How many nodes of each graph are listed, the slowest first.',
    },
    'width-divisor': {
      kind: 'integer',
      placeholder: 'N',
      least: 1,
      most: 64,
      description:
        'Of the network with random weights: what every hidden channel count is divided by, a divisor of 64.',
    },
    json: { kind: 'flag', description: 'Print everything as JSON, all nodes included.' },
  },
  examples: [
    { command: 'dff bench model.safetensors', explanation: 'What this machine makes of a model' },
    { command: 'dff bench --threads 1 --top 30', explanation: 'The official network on one core' },
    {
      command: 'dff bench --height 300 --width 500 --intervals 5,10,25',
      explanation: 'Smaller images, other intervals',
    },
  ],
  async run(options, [path], terminal) {
    const divisor = options['width-divisor'];
    if (path !== undefined && divisor !== undefined) {
      throw new UsageError('--width-divisor is of random weights, a model has its own width');
    }
    const intervals = readIntervals(options.intervals);
    const choice = readBackend(options);
    const { height, width, frames } = options;
    const report = await withInterrupts(async (signal) => {
      const backend = await openBackend(choice, terminal);
      try {
        await using model =
          path === undefined ? randomModel(divisor ?? 1) : await openModel(path, weightsFor(backend));
        if (model.family === 'frame' && options.intervals.length > 0) {
          throw new UsageError('--intervals is of networks with key frames, this one computes every frame');
        }
        for (const warning of model.warnings) terminal.errors.write(`dff: ${oneLine(warning)}\n`);
        const request = { model, backend, height, width, frames };
        const measured = await measureWithProgress(request, terminal.errors, signal);
        const [key, current] = measured.kinds;
        return {
          network: model.description,
          random: path === undefined,
          size: { height, width },
          machine: describeMachine(),
          ...measured,
          speedUps: current ? speedUps(key!, current, intervals) : [],
          memory: { peakBytes: process.resourceUsage().maxRSS * 1024 },
        } satisfies Report;
      } finally {
        backend.dispose();
      }
    });
    if (options.json) terminal.print(JSON.stringify(report, null, 2));
    else for (const line of describeReport(report, options.top)) terminal.print(line);
    return 0;
  },
});

function measureWithProgress(
  request: MeasureRequest,
  stream: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<Measured> {
  const progress = createProgress(stream, frameCount(request));
  return measure(request, (isKey) => progress.frame(isKey), signal).finally(() => progress.clear());
}

/** @throws UsageError for what is no whole number from 1 */
function readIntervals(given: readonly string[]): readonly number[] {
  if (given.length === 0) return INTERVALS;
  return given.map((text) => {
    const interval = Number(text);
    if (Number.isInteger(interval) && interval >= 1) return interval;
    throw new UsageError(`--intervals has ${text}, expected whole numbers of at least 1`);
  });
}

type BenchModel = Pick<LoadedModel, 'description' | 'warnings'> & Model & AsyncDisposable;

/** The official network, perhaps narrower. @throws UsageError for a divisor that does not divide */
function randomModel(widthDivisor: number): BenchModel {
  if (64 % widthDivisor !== 0)
    throw new UsageError(`--width-divisor is ${widthDivisor}, expected a divisor of 64`);
  const configuration = configure({ widthDivisor });
  const anySize = { height: 64, width: 64 }; // weights do not depend on it
  const graphs = (['key', 'current'] as const).map((kind) => officialGraph(kind, configuration, anySize));
  const narrow = widthDivisor === 1 ? '' : `, channels divided by ${widthDivisor}`;
  const description = `Deep Feature Flow, ResNet-101, FlowNet Simple, random weights${narrow}`;
  const model = officialModel(randomWeights(graphs), { configuration });
  return { ...model, description, warnings: [], [Symbol.asyncDispose]: async () => {} };
}

function describeMachine(): string {
  const processor = cpus()[0]?.model.trim() || 'unknown processor';
  return `${processor}, ${availableParallelism()} cores, Node ${process.version}`;
}
