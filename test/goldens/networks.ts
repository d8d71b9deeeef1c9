/** Golden values of whole networks: a folder with `manifest.json`, checkpoints, stored values and detections. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBackend } from '../../src/backends/index.ts';
import {
  featureCells,
  featureChannels,
  type NetworkConfiguration,
  officialGraph,
} from '../../src/nets/index.ts';
import { readSafetensors, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { checkDetections, type StoredDetections } from './detections.ts';
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
import { compareRow, failure, type GoldenRow } from './rows.ts';
import { excuseRows, matchRows, reorderRows } from './stability.ts';

/** What a current frame needs from its key frame. */
interface KeyState {
  readonly data: Tensor;
  readonly feature: Tensor;
}

type Values = Readonly<Record<string, Tensor>>;

export async function checkNetworks(folder: string, options: GoldenOptions): Promise<GoldenRow[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const rows = await checkPreprocessing(folder, options.frames, manifest);
  for (const golden of manifest.cases) {
    rows.push(...(await checkCase(folder, golden, configurationOf(manifest), options)));
  }
  return rows;
}

async function checkCase(
  folder: string,
  golden: GoldenCase,
  configuration: NetworkConfiguration,
  { backend: backendName, frames }: GoldenOptions,
): Promise<GoldenRow[]> {
  const backend = createBackend(backendName);
  const parameters = await readCheckpoint(join(folder, golden.checkpoint), 'test');
  const stored = readSafetensors(await readFile(join(folder, golden.file)), golden.file);
  const detections = JSON.parse(await readFile(join(folder, golden.detections), 'utf8')) as StoredDetections;
  const rows: GoldenRow[] = [];
  let key: KeyState | undefined;
  for (const call of golden.calls) {
    const inputs = await Promise.all(call.images.map((image) => goldenInput(folder, frames, golden, image)));
    const { graph, feeds } = prepare(call, inputs, key, configuration);
    const wanted = Object.keys(golden.values[call.graph] ?? {});
    const known = new Set(
      graph.nodes.flatMap((node) => node.outputs.map((output) => `${node.name}_${output}`)),
    );
    const plan = await backend.compile(graph, parameters);
    const values = (await plan.run(feeds, { keep: wanted.filter((name) => known.has(name)) })) as Values;
    plan.dispose();
    if (call.graph === 'key') key = { data: inputs[0]!.data, feature: values['feat_conv_3x3_relu_output']! };
    rows.push(...checkCall(golden, call, values, stored, detections, configuration));
  }
  backend.dispose();
  return rows;
}

function prepare(
  call: GoldenCall,
  inputs: readonly { readonly data: Tensor; readonly imInfo: Tensor }[],
  key: KeyState | undefined,
  configuration: NetworkConfiguration,
): { graph: ReturnType<typeof officialGraph>; feeds: Record<string, Tensor> } {
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

function checkCall(
  golden: GoldenCase,
  call: GoldenCall,
  values: Values,
  stored: ReadonlyMap<string, Tensor>,
  detections: StoredDetections,
  configuration: NetworkConfiguration,
): GoldenRow[] {
  const frame = call.tensors.replace(/\/$/, '');
  const perImage = configuration.proposals.postNms;
  const notes = call.frames.map((number) => detections.frames.find((entry) => entry.frame === number)!);
  const unstable = {
    unstableRows: notes.flatMap((note, k) => note.unstableRows.map((row) => row + k * perImage)),
    unstableOrder: notes.flatMap((note, k) => note.unstableOrder.map((row) => row + k * perImage)),
  };
  const rois = stored.get(`${call.tensors}rois_output`);
  const order = rois && values['rois_output'] ? matchRows(values['rois_output'], rois, unstable) : [];
  const arranged = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, reorderRows(value, order)]),
  );
  const rows = Object.entries(golden.values[call.graph] ?? {}).map(([name, value]): GoldenRow => {
    const title = `${golden.name}/${call.graph}/${frame}/${name}`;
    const [got, want] = [arranged[name], stored.get(call.tensors + name)];
    if (!want) return failure(title, 'is not stored');
    if (!got) return failure(title, 'our graph has no value of this name');
    const kept = name === 'rois_output' ? [] : unstable.unstableRows;
    return compareRow(title, sample(excuseRows(got, want, order.length, kept), value, frame), want, value);
  });
  return [...rows, ...checkDetections(golden, call, arranged, notes)];
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
