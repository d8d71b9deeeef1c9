/** Runs the clip: features carried along a flow beside features from scratch, and what either costs. */
import { type NodeReport, referenceBackend } from '../../src/backends/index.ts';
import { type Image, preprocess } from '../../src/data/index.ts';
import { type Graph, statistics } from '../../src/graph/index.ts';
import { officialConfiguration, officialGraph } from '../../src/nets/index.ts';
import { warp } from '../../src/ops/index.ts';
import type { Tensor } from '../../src/tensor/index.ts';
import { demoNetwork, feedsFor } from './network.ts';
import { cells, clip, drawFrame, trueFlow, wasVisible } from './scene.ts';

const FEATURE = 'feat_conv_3x3_relu_output';
const FLOW = '_mulscalar0_output';

/** Parts of the two graphs, in the paper's words. */
export interface Stages {
  /** N_feat: the residual network. */
  readonly features: number;
  /** F: the flow network. */
  readonly flow: number;
  /** W: warping and scaling. */
  readonly warp: number;
  /** N_task: proposals, votes, boxes. */
  readonly task: number;
}

export interface Step {
  /** Frames since the key frame. */
  readonly t: number;
  readonly flow: Tensor;
  readonly carried: Tensor;
  readonly scratch: Tensor;
  /** What the untrained flow network takes for the flow. */
  readonly guess: Tensor;
  /** Per cell: distance of the carried feature from the one from scratch, over the spread of the latter. */
  readonly errors: Float64Array;
  readonly error: {
    readonly carried: number;
    /** Only cells whose content could be seen in the key frame. */
    readonly visible: number;
    /** The key feature taken as it is. */
    readonly unmoved: number;
    /** Carried along the untrained network's flow. */
    readonly guessed: number;
  };
  readonly visibleShare: number;
}

export interface Cost {
  /** Seconds of a frame. */
  readonly seconds: { readonly key: Stages; readonly current: Stages };
  /** Multiply-adds of this network and of the official one at 600 × 1000. */
  readonly multiplyAdds: { readonly demo: Stages; readonly official: Stages };
}

export interface Measurement {
  readonly frames: readonly Image[];
  readonly keyFeature: Tensor;
  readonly steps: readonly Step[];
  readonly cost: Cost;
}

export async function measure(report: (line: string) => void): Promise<Measurement> {
  const frames = Array.from({ length: clip.frames }, (_, t) => drawFrame(t));
  const input = (t: number): Tensor =>
    preprocess(frames[t]!, { shortSide: clip.height, longSide: clip.width }).data;
  const keyImage = input(0);
  const { key, current, parameters } = demoNetwork(keyImage, 5);
  const backend = referenceBackend();
  const keyPlan = await backend.compile(key, parameters);
  const currentPlan = await backend.compile(current, parameters);
  const keyTimes: Stages[] = [];
  const currentTimes: Stages[] = [];

  const fromScratch = async (data: Tensor): Promise<Tensor> => {
    const values = await keyPlan.run(feedsFor(data, data));
    keyTimes.push(secondsOf(keyPlan.report().nodes));
    return values[FEATURE] as Tensor;
  };
  const keyFeature = await fromScratch(keyImage);
  const steps: Step[] = [];
  for (let t = 1; t < clip.frames; t++) {
    const data = input(t);
    const scratch = await fromScratch(data);
    const values = await currentPlan.run(feedsFor(data, keyImage, keyFeature), { keep: [FLOW] });
    currentTimes.push(secondsOf(currentPlan.report().nodes));
    steps.push(compareStep(t, keyFeature, scratch, values[FLOW] as Tensor));
    report(describe(steps.at(-1)!));
  }
  const seconds = { key: median(keyTimes), current: median(currentTimes) };
  return { frames, keyFeature, steps, cost: { seconds, multiplyAdds: multiplyAdds(key, current) } };
}

function compareStep(t: number, keyFeature: Tensor, scratch: Tensor, guess: Tensor): Step {
  const flow = trueFlow(t);
  const carried = warp(keyFeature, flow);
  const count = cells.width * cells.height;
  const visible = Array.from({ length: count }, (_, cell) => wasVisible(cell, t));
  const all = visible.map(() => true);
  const distances = squaredDistances(carried, scratch);
  const spread = variance(scratch);
  const error = (squares: Float64Array, where: readonly boolean[]): number =>
    Math.sqrt(meanWhere(squares, where) / spread);
  return {
    t,
    flow,
    carried,
    scratch,
    guess,
    errors: distances.map((square) => Math.sqrt(square / spread)),
    error: {
      carried: error(distances, all),
      visible: error(distances, visible),
      unmoved: error(squaredDistances(keyFeature, scratch), all),
      guessed: error(squaredDistances(warp(keyFeature, guess), scratch), all),
    },
    visibleShare: visible.filter(Boolean).length / count,
  };
}

function describe({ t, error: { carried, unmoved } }: Step): string {
  return `  ${t} after the key frame: carried ${carried.toFixed(2)}, not moved ${unmoved.toFixed(2)}`;
}

/** Per cell, the sum over channels of (a − b)². */
function squaredDistances(a: Tensor, b: Tensor): Float64Array {
  const count = cells.width * cells.height;
  const squares = new Float64Array(count);
  for (let i = 0; i < b.data.length; i++) squares[i % count]! += (a.data[i]! - b.data[i]!) ** 2;
  return squares;
}

/** The mean over cells of the squared distance to the mean feature. */
function variance({ data }: Tensor): number {
  const count = cells.width * cells.height;
  let total = 0;
  for (let start = 0; start < data.length; start += count) {
    let [sum, squares] = [0, 0];
    for (let i = start; i < start + count; i++) {
      sum += data[i]!;
      squares += data[i]! ** 2;
    }
    total += squares - sum ** 2 / count;
  }
  return total / count;
}

function meanWhere(values: Float64Array, where: readonly boolean[]): number {
  let [sum, count] = [0, 0];
  values.forEach((value, i) => {
    if (!where[i]) return;
    sum += value;
    count++;
  });
  return sum / count;
}

/** The node with which each part of a graph begins. */
const beginnings: Readonly<Record<string, keyof Stages>> = {
  conv1: 'features',
  _divscalar0: 'flow',
  flow_grid: 'warp',
  slicechannel0: 'task',
};

/** Adds up what the nodes of each part cost. */
function byStage(nodes: readonly { readonly name: string; readonly cost: number }[]): Stages {
  const sums = { features: 0, flow: 0, warp: 0, task: 0 };
  let stage: keyof Stages = 'features';
  for (const { name, cost } of nodes) {
    stage = beginnings[name] ?? stage;
    sums[stage] += cost;
  }
  return sums;
}

const secondsOf = (nodes: readonly NodeReport[]): Stages =>
  byStage(nodes.map(({ name, milliseconds }) => ({ name, cost: milliseconds / 1000 })));

/** Part by part, the median over frames. */
function median(frames: readonly Stages[]): Stages {
  const middle = (part: keyof Stages): number =>
    frames.map((frame) => frame[part]).toSorted((a, b) => a - b)[Math.floor(frames.length / 2)]!;
  return { features: middle('features'), flow: middle('flow'), warp: middle('warp'), task: middle('task') };
}

function multiplyAdds(key: Graph, current: Graph): Cost['multiplyAdds'] {
  const count = (graph: Graph): Stages =>
    byStage(statistics(graph).nodes.map((node) => ({ name: node.name, cost: node.multiplyAdds })));
  const both = (a: Graph, b: Graph): Stages => ({ ...count(b), features: count(a).features });
  const size = { height: 600, width: 1000 };
  const [officialKey, officialCurrent] = [
    officialGraph('key', officialConfiguration, size),
    officialGraph('current', officialConfiguration, size),
  ];
  return { demo: both(key, current), official: both(officialKey, officialCurrent) };
}
