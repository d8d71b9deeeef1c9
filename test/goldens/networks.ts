/** Golden values of whole networks: a folder with `manifest.json`, checkpoints, stored values and detections. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, type Plan, referenceBackend } from '../../src/backends/index.ts';
import { type Graph, nameOf, type ParameterSource, valueName } from '../../src/graph/index.ts';
import {
  featureCells,
  featureChannels,
  type NetworkConfiguration,
  officialGraph,
} from '../../src/nets/index.ts';
import { compare, readSafetensors, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { checkDetections, type StoredDetections, type StoredFrame } from './detections.ts';
import type { GoldenOptions } from './check-folder.ts';
import { readCheckpoint } from './checkpoint.ts';
import {
  configurationOf,
  type GoldenCall,
  type GoldenCase,
  type GoldenValue,
  type Manifest,
} from './manifest.ts';
import { checkPreprocessing, goldenInput } from './preprocessing.ts';
import { withGiven } from './given.ts';
import { compareRow, failure, type GoldenRow, statement } from './rows.ts';
import { contradictionOfRegions, regionsAreUnstable } from './stability.ts';
import { checkSymbols } from './symbols.ts';

/** What a current frame needs from its key frame. */
interface KeyState {
  readonly data: Tensor;
  readonly feature: Tensor;
}

type Values = Readonly<Record<string, Tensor>>;

/** One call of a golden case: what is run, and what it is compared with. */
interface GoldenRun {
  readonly golden: GoldenCase;
  readonly call: GoldenCall;
  readonly configuration: NetworkConfiguration;
  readonly stored: ReadonlyMap<string, Tensor>;
  /** One for each image. */
  readonly notes: readonly StoredFrame[];
  readonly planOf: (graph: Graph) => Promise<Plan>;
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** What the regions of interest are called in every graph. */
const REGIONS = 'rois_output';

export async function checkNetworks(folder: string, options: GoldenOptions): Promise<GoldenRow[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const backend = options.backend ?? referenceBackend();
  const rows = options.backend
    ? []
    : [
        ...(await checkSymbols(folder, configurationOf(manifest))),
        ...(await checkPreprocessing(folder, options.frames, manifest)),
      ];
  for (const golden of manifest.cases) {
    if (options.cases && !options.cases.includes(golden.name)) continue;
    try {
      rows.push(...(await checkCase(folder, golden, configurationOf(manifest), backend, options.frames)));
    } catch (error) {
      rows.push(failure(golden.name, error instanceof Error ? error.message : String(error)));
    }
  }
  return rows;
}

async function checkCase(
  folder: string,
  golden: GoldenCase,
  configuration: NetworkConfiguration,
  backend: Backend,
  frames: string | undefined,
): Promise<GoldenRow[]> {
  const parameters = await readCheckpoint(join(folder, golden.checkpoint), 'test');
  const stored = readSafetensors(await readFile(join(folder, golden.file)), golden.file);
  const detections = JSON.parse(await readFile(join(folder, golden.detections), 'utf8')) as StoredDetections;
  const rows: GoldenRow[] = [];
  const plans = keptPlans(backend, parameters);
  let key: KeyState | undefined;
  for (const call of golden.calls) {
    const inputs = await Promise.all(call.images.map((image) => goldenInput(folder, frames, golden, image)));
    const prepared = prepare(call, inputs, key, configuration);
    const notes = call.frames.map((number) => detections.frames.find((entry) => entry.frame === number)!);
    const run: GoldenRun = { golden, call, configuration, stored, notes, planOf: plans.of, ...prepared };
    const values = await valuesOf(run);
    if (call.graph === 'key') key = { data: inputs[0]!.data, feature: values['feat_conv_3x3_relu_output']! };
    const compared = checkCall(run, values);
    const stable = compared.every(({ pass }) => pass) || !notes.some(regionsAreUnstable);
    rows.push(...(stable ? compared : await checkGivenRegions(run, values, compared)));
  }
  plans.dispose();
  return rows;
}

/** Plans by what their graphs say: frames of one size and kind share one, because compiling for a device takes seconds. */
function keptPlans(
  backend: Backend,
  parameters: ParameterSource,
): { of: (graph: Graph) => Promise<Plan>; dispose: () => void } {
  const plans = new Map<string, Plan>();
  return {
    async of(graph) {
      const key = JSON.stringify(graph);
      const plan = plans.get(key) ?? (await backend.compile(graph, parameters));
      plans.set(key, plan);
      return plan;
    },
    dispose() {
      for (const plan of plans.values()) plan.dispose();
    },
  };
}

/** Every stored value of a call, and what the regions are chosen from. */
async function valuesOf({ golden, call, planOf, graph, feeds }: GoldenRun): Promise<Values> {
  const known = new Set(graph.nodes.flatMap((node) => node.outputs.map((_, k) => valueName(node, k))));
  const wanted = new Set([...Object.keys(golden.values[call.graph] ?? {}), ...choiceInputs(graph)]);
  const plan = await planOf(graph);
  return (await plan.run(feeds, { keep: [...wanted].filter((name) => known.has(name)) })) as Values;
}

/** Names of the probabilities and corrections that the regions are chosen from. */
function choiceInputs(graph: Graph): string[] {
  const proposal = graph.nodes.find((node) => valueName(node, 0) === REGIONS);
  return (proposal?.inputs ?? []).slice(0, 2).map((value) => nameOf(graph, value));
}

/**
 * Where MXNet's regions are unstable and ours differ: MXNet's must be a choice that the noise of our own scores
 * explains, and everything after them is compared on MXNet's regions, within the same tolerances.
 */
async function checkGivenRegions(
  run: GoldenRun,
  values: Values,
  compared: readonly GoldenRow[],
): Promise<readonly GoldenRow[]> {
  const { golden, call, graph, feeds, notes, configuration } = run;
  const [ours, stored] = [values[REGIONS], run.stored.get(call.tensors + REGIONS)];
  const [scores, corrections] = choiceInputs(graph).map((name) => values[name]);
  const tolerance = golden.values[call.graph]?.[REGIONS];
  if (!ours || !stored || !scores || !corrections || !tolerance) return compared;
  const why = contradictionOfRegions(
    { ours, stored, notes, tolerance },
    [scores, corrections, feeds['im_info']!],
    configuration,
  );
  const given = withGiven(graph, REGIONS);
  const after = await valuesOf({ ...run, graph: given, feeds: { ...feeds, [REGIONS]: stored } });
  const title = titleOf(run, REGIONS);
  const { absolute } = compare(ours, stored, tolerance);
  const note =
    why ??
    `${absolute > tolerance.absolute ? 'another choice' : 'another rounding'} within the noise; what follows is compared on MXNet's regions`;
  const choice: GoldenRow = { ...statement(title, why === undefined, note), tolerance };
  return checkCall(run, { ...after, [REGIONS]: stored }).map((row) => (row.name === title ? choice : row));
}

function prepare(
  call: GoldenCall,
  inputs: readonly { readonly data: Tensor; readonly imInfo: Tensor }[],
  key: KeyState | undefined,
  configuration: NetworkConfiguration,
): { graph: Graph; feeds: Record<string, Tensor> } {
  const { height, width } = call.images[0]!;
  const images = call.graph === 'batch' ? inputs.length - 1 : inputs.length;
  const graph = officialGraph(call.graph, configuration, { height, width, images });
  const [first] = inputs;
  const data = stack(inputs.map((input) => input.data));
  const im_info = stack(inputs.map((input) => input.imInfo));
  if (call.graph === 'frame') return { graph, feeds: { data, im_info } };
  if (call.graph === 'batch') {
    const data_other = stack(inputs.slice(1).map((input) => input.data));
    return { graph, feeds: { data_key: first!.data, data_other, im_info } };
  }
  if (call.graph === 'key') {
    const feat_key = zeros([1, featureChannels(configuration), 1, 1]);
    return { graph, feeds: { data, im_info, data_key: data, feat_key } };
  }
  const cells = [featureCells(height), featureCells(width)].join('x');
  if (!key) throw new Error(`a current frame of ${cells} cells comes before any key frame`);
  return { graph, feeds: { data, im_info, data_key: key.data, feat_key: key.feature } };
}

/** Tensors of one row each, as one batch. */
function stack(parts: readonly Tensor[]): Tensor {
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return tensor([parts.length, ...parts[0]!.shape.slice(1)], data);
}

const titleOf = ({ golden, call }: GoldenRun, name: string): string =>
  `${golden.name}/${call.graph}/${frameOf(call)}/${name}`;

const frameOf = ({ tensors }: GoldenCall): string => tensors.replace(/\/$/, '');

function checkCall(run: GoldenRun, values: Values): GoldenRow[] {
  const { golden, call, stored, notes } = run;
  const rows = Object.entries(golden.values[call.graph] ?? {}).map(([name, value]): GoldenRow => {
    const title = titleOf(run, name);
    const [got, want] = [values[name], stored.get(call.tensors + name)];
    if (!want) return failure(title, 'is not stored');
    if (!got) return failure(title, 'our graph has no value of this name');
    return compareRow(title, sample(got, value, frameOf(call)), want, value);
  });
  return [...rows, ...checkDetections(golden, call, values, notes)];
}

/** The elements that are stored: every k-th of the flattened array. */
function sample(got: Tensor, { every, shape }: GoldenValue, frame: string): Tensor {
  const k = typeof every === 'number' ? every : (every[frame] ?? 1);
  if (got.shape.join() !== shape.join() || k === 1) return got;
  return tensor(
    [Math.ceil(got.data.length / k)],
    got.data.filter((_, i) => i % k === 0),
  );
}
