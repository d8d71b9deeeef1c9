/**
 * The layers against native MXNet, which the official code runs on, where Python 3.11 has it. Not in turns: it is another
 * process, right behind ours; both are given processor time, on one thread.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { wasmBackend } from '../../../src/backends/wasm/index.ts';
import { pair } from '../../../src/ops/index.ts';
import { layerInputs, like } from '../../gpu/page/inputs.ts';
import { layerGraph } from '../../gpu/page/ours.ts';
import { describeLayer } from '../../gpu/results.ts';
import type { LayerWork } from '../../gpu/work.ts';
import { table } from '../../table.ts';
import { median } from '../../timing.ts';
import type { Answer, Finding, Work } from '../api.ts';
import { networkLayers, type NetworkName } from '../network-layers.ts';
import { takeTurns } from '../measure.ts';

const PYTHON = process.env['PYTHON'] ?? 'python3.11';
const LEAST_MILLISECONDS = 30;

interface Theirs {
  readonly version: string;
  readonly milliseconds: readonly number[];
}

export async function measureMxnet(work: Work): Promise<Answer> {
  const missing = spawnSync(PYTHON, ['-c', 'import mxnet']).status !== 0;
  if (missing) {
    return {
      text: `skipped: ${PYTHON} cannot import mxnet (PYTHON names another one)`,
      findings: [],
      data: {},
    };
  }
  const layers = networkLayers(work);
  const backend = await wasmBackend({ threads: 1 });
  const ours: number[] = [];
  for (const [, layer] of layers) {
    const { data, weight, bias } = layerInputs(layer);
    const parameters = new Map([
      ['weight', weight],
      ['bias', bias],
    ]);
    const plan = await backend.compile(layerGraph(layer), parameters);
    const feeds = layer.crop ? { data, like: like(layer.crop) } : { data };
    const options = {
      rounds: work.rounds,
      clock: 'processor',
      leastMilliseconds: LEAST_MILLISECONDS,
    } as const;
    const [times] = await takeTurns([() => plan.run(feeds)], options);
    ours.push(median(times!));
    plan.dispose();
  }
  backend.dispose();
  const theirs = mxnet(
    layers.map(([, layer]) => layer),
    work.rounds,
  );
  const rows = layers.map(([network, layer], k) => {
    const [a, b] = [ours[k]!, theirs.milliseconds[k]!];
    return [
      network,
      layer.count,
      layer.name,
      describeLayer(layer),
      a.toPrecision(3),
      b.toPrecision(3),
      (b / a).toFixed(2),
    ];
  });
  const header = ['network', 'count', 'first', 'layer', 'ms', 'MXNet ms', 'ratio'];
  const findings = (['ResNet-101', 'FlowNet'] as const).flatMap((name) =>
    finding(name, layers, ours, theirs),
  );
  return { text: table(header, rows), findings, data: { ours, theirs } };
}

function mxnet(layers: readonly LayerWork[], rounds: number): Theirs {
  const described = layers.map(({ kind, data, weight, stride, pad, dilation, slope }) => {
    return { kind, data, weight, stride: pair(stride), pad: pair(pad), dilation: pair(dilation), slope };
  });
  const { status, stdout, stderr } = spawnSync(PYTHON, [resolve('bench/mxnet-layers.py')], {
    input: JSON.stringify({ rounds, layers: described }),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`bench/mxnet-layers.py failed: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout) as Theirs;
}

/** Weighted by how often a network has each layer. */
function finding(
  name: NetworkName,
  layers: readonly (readonly [NetworkName, LayerWork])[],
  ours: readonly number[],
  { version, milliseconds }: Theirs,
): Finding[] {
  const sum = (times: readonly number[]): number =>
    layers.reduce((total, [network, { count }], k) => total + (network === name ? count * times[k]! : 0), 0);
  if (sum(ours) === 0) return [];
  return [
    { what: `layers of ${name} against MXNet ${version}`, threads: 1, value: sum(milliseconds) / sum(ours) },
  ];
}
