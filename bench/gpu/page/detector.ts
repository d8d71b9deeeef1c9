/** The whole detector, from a picture in memory to boxes: a key frame and one that follows it. */
import { createDetector, type DetectionResult, officialModel } from '../../../src/dff/index.ts';
import type { Image } from '../../../src/data/index.ts';
import { configure, officialGraph } from '../../../src/nets/index.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import { randomWeights } from '../../random-weights.ts';
import { median } from '../../timing.ts';
import type { DetectorOutcome, Outcome, Timing } from '../api.ts';
import { demand, relativeDifference } from './check.ts';
import { type Device, referenceDevice } from './devices.ts';

/** A frame as a camera gives it, of the proportions of the official setting. */
const WIDTH = 1280;
const HEIGHT = 720;
const WIDTH_DIVISOR = 4;
const FEATURES = ['feat_conv_3x3_relu_output', 'warping_feat_output'];

export async function detectorOutcome(
  ours: Device,
  shortSide: number,
  { rounds, patience }: Timing,
): Promise<DetectorOutcome> {
  const configuration = configure({ widthDivisor: WIDTH_DIVISOR });
  const size = { height: 64, width: 80 }; // weights do not depend on it
  const graphs = [officialGraph('key', configuration, size), officialGraph('current', configuration, size)];
  const model = officialModel(randomWeights(graphs), { configuration });
  const open = ({ backend }: Device): Detect => {
    const settings = { keyInterval: 2, shortSide, postprocess: 'evaluation' } as const;
    const detector = createDetector({ model, backend, ...settings });
    return (keep) => run(detector.detect([frame(0), frame(1)], { keep }));
  };
  const sides = [open(ours), open(referenceDevice())] as const;

  const [first, expected] = [await sides[0](FEATURES), await sides[1](FEATURES)];
  const differences = FEATURES.map((name, t) => {
    const difference = relativeDifference(first[t]!.kept[name]!, expected[t]!.kept[name]!);
    return demand(`the feature map of frame ${t}`, difference);
  });
  // What is kept changes the graph: the graph that is measured compiles its kernels in a run of its own.
  for (const side of sides) await side([]);
  const times: Step[][][] = [[], []];
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    if (round >= 2 && performance.now() - start > patience) break;
    const order = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const side of order) times[side]!.push(await sides[side]([]));
  }
  const of = (side: 0 | 1, t: number): number => median(times[side]!.map((steps) => steps[t]!.milliseconds));
  const outcome = (t: number): Outcome => ({ ours: of(0, t), peer: of(1, t), difference: differences[t]! });
  const count = (steps: readonly Step[]): number => steps.reduce((sum, { found }) => sum + found, 0);
  return { key: outcome(0), other: outcome(1), detections: [count(first), count(expected)] };
}

type Detect = (keep: readonly string[]) => Promise<Step[]>;

interface Step {
  readonly milliseconds: number;
  readonly found: number;
  readonly kept: Readonly<Record<string, Tensor>>;
}

async function run(results: AsyncGenerator<DetectionResult, void, undefined>): Promise<Step[]> {
  const steps: Step[] = [];
  let start = performance.now();
  for await (const { detections, kept } of results) {
    const milliseconds = performance.now() - start;
    steps.push({ milliseconds, found: detections.length, kept });
    start = performance.now();
  }
  return steps;
}

/** Soft shapes that move: something of every size for the network to look at. */
function frame(t: number): Image {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0, o = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [u, v] = [x - 6 * t, y + 4 * t];
      data[o++] = 128 + 100 * Math.sin(u / 90) * Math.cos(v / 60);
      data[o++] = 128 + 100 * Math.sin((u + v) / 40);
      data[o++] = 128 + 100 * Math.cos(u / 25) * Math.sin(v / 110);
    }
  }
  return { width: WIDTH, height: HEIGHT, data };
}
