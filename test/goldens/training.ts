/** Golden training steps: the outputs of the official training graph, with the stored results of its host parts fed in. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, toHost } from '../../src/backends/index.ts';
import { preprocess } from '../../src/data/index.ts';
import { differentiate, type Graph, interpret, type ParameterSource } from '../../src/graph/index.ts';
import { configure, officialGraph } from '../../src/nets/index.ts';
import { cast, readSafetensors, type Tensor, tensor } from '../../src/tensor/index.ts';
import { readCheckpoint } from './checkpoint.ts';
import { fullAnchorRows, hostPartRows } from './host-parts.ts';
import { readImage } from './manifest.ts';
import { compareRow, failure, type GoldenRow } from './rows.ts';
import { gradientRows, updateRows } from './training-gradients.ts';
import { castFeeds, type Kinks, kinksOf } from './training-kinks.ts';

export interface TrainingStep {
  readonly name: string;
  readonly file: string;
  readonly images: readonly { readonly input: string; readonly file: string }[];
  readonly losses: { readonly float64: Losses };
  readonly outputNoise: Readonly<Record<string, number>>;
  /** Gradients that are zero everywhere, and therefore not stored. */
  readonly zeroGradients: readonly string[];
  /** How large each gradient is, and how far MXNet's float32 is from its float64. */
  readonly gradients: Readonly<
    Record<string, { readonly norm: number; readonly native: { readonly relative: number } }>
  >;
}

export interface Optimiser {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly weightDecaySuffixes: readonly string[];
  readonly zeroLearningRate: readonly string[];
}

interface TrainingManifest {
  readonly checkpoint: string;
  readonly widthDivisor: number;
  readonly optimiser: Optimiser;
  readonly outputs: readonly string[];
  readonly steps: readonly TrainingStep[];
}

interface Losses {
  readonly rpnClassification: number;
  readonly rpnRegression: number;
  readonly rcnnClassification: number;
  readonly rcnnRegression: number;
}

/** Inputs of the graph that are stored with the step. */
const fed = [
  'eq_flag',
  'im_info',
  'gt_boxes',
  'label',
  'bbox_target',
  'bbox_weight',
  'rois',
  'rcnn_bbox_target',
  'labels_ohem',
  'bbox_weights_ohem',
];

/** Stored values come from float64 and were rounded to float32. */
const ROUNDED = { absolute: 1e-6, relative: 1e-6 };
/** float32 against float64: ten times the largest difference between MXNet's own runs. */
const SAFETY = 10;
/** Losses are printed to seven decimals. */
const PRINTED = { absolute: 1e-7, relative: 0 };

/** @param backend float32 on this backend alone, in place of the reference in both dtypes */
export async function checkTraining(folder: string, backend?: Backend): Promise<GoldenRow[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as TrainingManifest;
  const parameters = await readCheckpoint(join(folder, manifest.checkpoint), 'train');
  const rows = backend ? [] : await fullAnchorRows(folder);
  for (const step of manifest.steps) {
    rows.push(...(await checkStep(folder, manifest, step, parameters, backend)));
  }
  return rows;
}

async function checkStep(
  folder: string,
  manifest: TrainingManifest,
  step: TrainingStep,
  parameters: ParameterSource,
  backend: Backend | undefined,
): Promise<GoldenRow[]> {
  const stored = readSafetensors(await readFile(join(folder, step.file)), step.file);
  const inputs = new Map(fed.map((name) => [name, stored.get(`in/${name}`)!]));
  for (const { input, file } of step.images) inputs.set(input, await imageTensor(join(folder, file)));
  const graph = stepGraph(manifest, step, inputs, stored);
  const feeds = Object.fromEntries(graph.inputs.map(({ name }) => [name, inputs.get(name)!]));
  const rows = backend ? [] : hostPartRows(`train/${step.name}`, stored);
  let kinks: { readonly found: Kinks | undefined } | undefined;
  const kinksOnce = (): Kinks | undefined => {
    kinks ??= { found: kinksOf(graph, feeds, parameters) };
    return kinks.found;
  };
  for (const dtype of backend ? (['float32'] as const) : (['float64', 'float32'] as const)) {
    const outputs = backend
      ? await runOn(backend, graph, feeds, parameters)
      : interpret(graph, castFeeds(feeds, parameters, dtype)).outputs;
    const title = `train/${step.name}/${dtype}`;
    for (const name of manifest.outputs) {
      const got = outputs[name]!;
      const want = stored.get(`out/${name}`);
      const noise = { absolute: SAFETY * (step.outputNoise[name] ?? 0), relative: 1e-5 };
      const tolerance = dtype === 'float64' ? ROUNDED : noise;
      rows.push(
        want
          ? compareRow(`${title}/${name}`, cast(got, 'float64'), cast(want, 'float64'), tolerance)
          : failure(name, 'is not stored'),
      );
    }
    rows.push(...gradientRows(title, outputs, stored, step, dtype, kinksOnce));
    if (dtype === 'float32') continue;
    rows.push(...lossRows(title, losses(outputs, inputs), step.losses.float64));
    rows.push(...updateRows(title, outputs, stored, parameters, step, manifest.optimiser));
  }
  return rows;
}

async function runOn(
  backend: Backend,
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  parameters: ParameterSource,
): Promise<Record<string, Tensor>> {
  const plan = await backend.compile(graph, parameters);
  try {
    const results = Object.entries(await plan.run(feeds));
    return Object.fromEntries(
      await Promise.all(results.map(async ([name, value]) => [name, await toHost(value)] as const)),
    );
  } finally {
    plan.dispose();
  }
}

/** The official training graph for the stored sizes, with the gradients of all that is learned. */
function stepGraph(
  { widthDivisor, outputs }: TrainingManifest,
  { zeroGradients }: TrainingStep,
  inputs: ReadonlyMap<string, Tensor>,
  stored: ReadonlyMap<string, Tensor>,
): Graph {
  const [, , height = 0, width = 0] = inputs.get('data')!.shape;
  const boxes = inputs.get('gt_boxes')!.shape[1]!;
  const regions = inputs.get('rois')!.shape[0]!;
  const forward = officialGraph('train', configure({ widthDivisor }), { height, width, boxes, regions });
  const learned = [...stored.keys()]
    .filter((name) => name.startsWith('grad/'))
    .map((name) => name.slice('grad/'.length));
  return differentiate(forward, outputs, [...learned, ...zeroGradients]);
}

async function imageTensor(path: string): Promise<Tensor> {
  const image = await readImage(path);
  return preprocess(image, {
    shortSide: Math.min(image.width, image.height),
    longSide: Math.max(image.width, image.height),
  }).data;
}

/** The four losses: means of −ln p over labels that are not −1, and sums of smooth L1 divided by 256 and 128. */
function losses(outputs: Readonly<Record<string, Tensor>>, inputs: ReadonlyMap<string, Tensor>): Losses {
  const logLoss = (probability: Tensor, labels: Tensor, classes: number, classStride: number): number => {
    let [sum, count] = [0, 0];
    labels.data.forEach((label, i) => {
      if (label === -1) return;
      const at = classStride === 1 ? i * classes + label : label * classStride + i;
      sum -= Math.log(probability.data[at]!);
      count++;
    });
    return sum / count;
  };
  const total = ({ data }: Tensor): number => Array.from(data).reduce((sum, value) => sum + value, 0);
  const rpn = outputs['rpn_cls_prob_output']!;
  const rcnn = outputs['cls_prob_reshape_output']!;
  return {
    rpnClassification: logLoss(rpn, inputs.get('label')!, 2, rpn.data.length / 2),
    rpnRegression: total(outputs['rpn_bbox_loss_output']!) / 256,
    rcnnClassification: logLoss(rcnn, inputs.get('labels_ohem')!, rcnn.shape[2]!, 1),
    rcnnRegression: total(outputs['bbox_loss_reshape_output']!) / 128,
  };
}

function lossRows(title: string, got: Losses, want: Losses): GoldenRow[] {
  return (Object.keys(want) as (keyof Losses)[]).map((name) =>
    compareRow(
      `${title}/${name}`,
      tensor([1], Float64Array.of(got[name])),
      tensor([1], Float64Array.of(want[name])),
      PRINTED,
    ),
  );
}
