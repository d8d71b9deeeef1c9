/** The two networks that are exported whole, on the golden frames: their outputs are MXNet's. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { optimize } from '../../src/graph/index.ts';
import { partialGraph } from '../../src/nets/index.ts';
import { exportOnnx } from '../../src/onnx/index.ts';
import { compare, readSafetensors, type Tensor } from '../../src/tensor/index.ts';
import { readCheckpoint } from '../goldens/checkpoint.ts';
import { configurationOf, type Manifest } from '../goldens/manifest.ts';
import { goldenInput } from '../goldens/preprocessing.ts';
import { hasShared, shared } from '../shared.ts';
import { openModel } from './onnx-backend.ts';

const folder = shared('goldens/networks/narrow');

/** Our name of an output, and where MXNet's numbers are. */
const outputs = {
  feature: [['feat_conv_3x3_relu_output', 'key', 'feat_conv_3x3_relu_output']],
  flow: [
    ['flow', 'current', '_mulscalar0_output'],
    ['scale', 'current', 'Convolution5_scale_output'],
  ],
} as const;

test.runIf(hasShared).each(['feature', 'flow'] as const)('%s is MXNet’s in onnxruntime', async (kind) => {
  const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8')) as Manifest;
  const golden = manifest.cases.find(({ name }) => name === 'small')!;
  const stored = readSafetensors(readFileSync(`${folder}/${golden.file}`), golden.file);
  const [key, current] = golden.calls;
  const input = async (call = key): Promise<Tensor> =>
    (await goldenInput(folder, undefined, golden, call!.images[0]!)).data;
  const feeds =
    kind === 'feature' ? { data: await input() } : { data: await input(current), data_key: await input() };
  const { graph, parameters } = optimize(
    partialGraph(kind, configurationOf(manifest), { ...key!.images[0]! }),
  );
  const checkpoint = await readCheckpoint(`${folder}/${golden.checkpoint}`, 'test');
  const model = await openModel(exportOnnx(graph, parameters(checkpoint)));
  const results = await model.run(feeds);
  await model.release();
  for (const [name, call, official] of outputs[kind]) {
    const frame = call === 'key' ? key : current;
    const { every, ...tolerance } = golden.values[call]![official]!;
    expect(every).toBe(1);
    const { misses } = compare(results[name]!, stored.get(`${frame!.tensors}${official}`)!, tolerance);
    expect(misses).toBe(0);
  }
});
