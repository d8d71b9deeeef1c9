/**
 * The 1x1 convolutions of the feature network, where they stand in it, against the limit of the processor: how much of
 * what can be done in registers is left when there is memory.
 */
import { wasmBackend } from '../../../src/backends/wasm/index.ts';
import { type Graph, optimize, shapeOf, statistics } from '../../../src/graph/index.ts';
import { partialGraph } from '../../../src/nets/index.ts';
import { randomTensor, uniform } from '../../random.ts';
import { randomWeights } from '../../random-weights.ts';
import { table } from '../../table.ts';
import { median } from '../../timing.ts';
import type { Answer, Work } from '../api.ts';
import { multiplyAddLimit } from '../limit.ts';
import { clockFor, takeTurns } from '../measure.ts';
import { sizeFor } from '../size.ts';

/** About a tenth of a second. */
const LIMIT_ITERATIONS = 6e7;

export async function measureProducts({ quick, threads, rounds }: Work): Promise<Answer> {
  const { configuration, ...size } = sizeFor(quick);
  const graph = partialGraph('feature', configuration, size);
  const backend = await wasmBackend({ threads });
  const plan = await backend.compile(graph, randomWeights([graph]));
  const limit = await multiplyAddLimit(LIMIT_ITERATIONS); // behind the backend: it changes what engines offer
  const feeds = { data: randomTensor(graph.inputs[0]!.shape, uniform(2), 60) };
  const reports: number[][] = [];
  const run = async (): Promise<void> => {
    await plan.run(feeds);
    reports.push(plan.report().nodes.map(({ milliseconds }) => milliseconds));
  };
  const [runs, limits] = (await takeTurns([run, limit.run], { rounds, clock: clockFor(threads) })) as [
    number[],
    number[],
  ];
  backend.dispose();

  // Nodes are timed by the clock on the wall; a round's processor time is shared out in proportion.
  const shares = reports.slice(1).map((times) => {
    const sum = times.reduce((a, b) => a + b, 0);
    return times.map((time) => time / sum);
  });
  const nodeTime = (node: number): number =>
    median(shares.map((share, round) => share[node]! * runs[round]!));
  const peak = limit.multiplyAdds / median(limits);
  const groups = products(optimize(graph).graph).map(({ name, shape, nodes, multiplyAdds }) => {
    const milliseconds = nodes.reduce((sum, node) => sum + nodeTime(node), 0);
    const all = multiplyAdds * nodes.length;
    return {
      name,
      shape,
      count: nodes.length,
      milliseconds,
      multiplyAdds: all,
      share: all / milliseconds / peak,
    };
  });
  const sum = (key: 'milliseconds' | 'multiplyAdds'): number =>
    groups.reduce((total, group) => total + group[key], 0);
  const value = (100 * sum('multiplyAdds')) / sum('milliseconds') / peak;
  const rows = groups.map(({ name, shape, count, milliseconds, share }) => [
    ...[count, name, shape, (milliseconds / count).toPrecision(3)],
    ...[((2 * share * peak) / 1e6).toFixed(1), (100 * share).toFixed(1)],
  ]);
  const text = `${table(['count', 'first', 'layer', 'ms', 'GFLOP/s', '% of limit'], rows)}
limit of a thread: ${((2 * peak) / 1e6).toFixed(1)} GFLOP/s`;
  const what = '1x1 layers of ResNet-101, share of the limit';
  return { text, findings: [{ what, threads, value, aim: 'products' }], data: { peak, groups } };
}

interface Products {
  readonly name: string;
  readonly shape: string;
  readonly nodes: readonly number[];
  /** Of one of them. */
  readonly multiplyAdds: number;
}

/** The 1x1 convolutions of an optimized graph, by shape. */
function products(graph: Graph): Products[] {
  const { nodes } = statistics(graph);
  const groups = new Map<string, Products>();
  graph.nodes.forEach((node, index) => {
    if (node.operator !== 'convolution' && node.operator !== 'fusedConvolution') return;
    const [data, weight] = node.inputs.map((ref) => shapeOf(graph, ref));
    if (weight![2] !== 1 || weight![3] !== 1) return;
    const [, , rows, columns] = node.shapes[0]!;
    const stride = rows! < data![2]! ? ' stride 2' : '';
    const shape = `${rows}x${columns} ${weight![1]}→${weight![0]}${stride}`;
    const known = groups.get(shape);
    const { multiplyAdds } = nodes[index]!;
    groups.set(shape, {
      name: node.name,
      shape,
      multiplyAdds,
      ...known,
      nodes: [...(known?.nodes ?? []), index],
    });
  });
  return [...groups.values()];
}
