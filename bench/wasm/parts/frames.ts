/** Key and current frames of the whole network as plans, with one thread and with two. */
import { type Backend, toHost } from '../../../src/backends/index.ts';
import { wasmBackend } from '../../../src/backends/wasm/index.ts';
import { type Graph, statistics } from '../../../src/graph/index.ts';
import { officialGraph } from '../../../src/nets/index.ts';
import { type Shape, type Tensor, tensor, zeros } from '../../../src/tensor/index.ts';
import { randomTensor, uniform } from '../../random.ts';
import { randomWeights } from '../../random-weights.ts';
import { table } from '../../table.ts';
import { median } from '../../timing.ts';
import type { Answer, Finding, Work } from '../api.ts';
import { ratioOf, takeTurns } from '../measure.ts';
import { sizeFor } from '../size.ts';

const kinds = ['key', 'current'] as const;
const FEATURE = 'feat_conv_3x3_relu_output';

export async function measureFrames({ quick, rounds }: Work): Promise<Answer> {
  const { configuration, ...size } = sizeFor(quick);
  const graphs = kinds.map((kind) => officialGraph(kind, configuration, size));
  const weights = randomWeights(graphs);
  const backends = [await wasmBackend({ threads: 1 }), await wasmBackend({ threads: 2 })];
  const feeds = await feedsFor(graphs, backends[0]!, weights);

  const rows: string[][] = [];
  const findings: Finding[] = [];
  const data: Record<string, unknown> = {};
  for (const [k, kind] of kinds.entries()) {
    const plans = await Promise.all(backends.map((backend) => backend.compile(graphs[k]!, weights)));
    const fed = kind === 'key' ? { ...feeds, feat_key: zeros(featureShape(graphs[k]!)) } : feeds;
    const sides = plans.map((plan) => () => plan.run(fed));
    const [one, two] = (await takeTurns(sides, { rounds, clock: 'wall' })) as [number[], number[]];
    plans.forEach((plan) => plan.dispose());
    const value = ratioOf(one, two);
    const flops = 2 * statistics(graphs[k]!).multiplyAdds;
    const cells = [one, two].flatMap((times) => [
      median(times).toFixed(0),
      (flops / median(times) / 1e6).toFixed(1),
    ]);
    rows.push([kind, ...cells, value.toFixed(2)]);
    findings.push({ what: `${kind} frame, two threads against one`, threads: 2, value, aim: 'threads' });
    data[kind] = { one, two };
  }
  backends.forEach((backend) => backend.dispose());
  const header = ['frame', '1 thread ms', 'GFLOP/s', '2 threads ms', 'GFLOP/s', 'ratio'];
  return { text: `${table(header, rows)}\nwall time`, findings, data };
}

/** Of the input that a key graph lists and nothing reads. */
const featureShape = (graph: Graph): Shape => graph.inputs.find(({ name }) => name === 'feat_key')!.shape;

/** Images, and the feature that the key frame leaves for the current one. */
async function feedsFor(
  [key, current]: readonly Graph[],
  backend: Backend,
  weights: ReadonlyMap<string, Tensor>,
): Promise<Record<string, Tensor>> {
  const random = uniform(2);
  const image = current!.inputs.find(({ name }) => name === 'data')!.shape;
  const feeds = {
    data: randomTensor(image, random, 60),
    data_key: randomTensor(image, random, 60),
    im_info: tensor([1, 3], [image[2]!, image[3]!, 1]),
  };
  const plan = await backend.compile(key!, weights);
  const unread = zeros(featureShape(key!));
  const values = await plan.run({ ...feeds, data: feeds.data_key, feat_key: unread });
  plan.dispose();
  return { ...feeds, feat_key: await toHost(values[FEATURE]!) };
}
