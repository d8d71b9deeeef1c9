/**
 * The 1x1 convolutions of the feature network against the limit of the processor: how much of what can be done in
 * registers is left when there is memory. Where each stands in the network, behind others and with its shortcut,
 * and by itself, behind nothing but its input's arrival from outside.
 */
import { wasmBackend } from '../../../src/backends/wasm/index.ts';
import { type Graph, optimize, shapeOf, statistics, trace } from '../../../src/graph/index.ts';
import { partialGraph } from '../../../src/nets/index.ts';
import { fusedConvolution } from '../../../src/ops/index.ts';
import type { Shape } from '../../../src/tensor/index.ts';
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
  const groups = products(optimize(graph).graph).map(({ nodes, multiplyAdds, ...group }) => {
    const milliseconds = nodes.reduce((sum, node) => sum + nodeTime(node), 0);
    const both = multiplyAdds * nodes.length;
    const share = both / milliseconds / peak;
    return { ...group, count: nodes.length, milliseconds, multiplyAdds: both, share };
  });
  const alone = await measureAlone(threads, groups, rounds);
  const sum = (of: (group: (typeof groups)[number], index: number) => number): number =>
    groups.reduce((total, group, index) => total + of(group, index), 0);
  const all = sum(({ multiplyAdds }) => multiplyAdds);
  const value = (100 * all) / sum(({ milliseconds }) => milliseconds) / peak;
  const byThemselves = (100 * all) / sum(({ count }, index) => count * alone[index]!) / peak;
  const rows = groups.map(({ name, shape, count, milliseconds, multiplyAdds, share }, index) => [
    ...[count, name, shape, alone[index]!.toPrecision(3), (milliseconds / count).toPrecision(3)],
    ...[((100 * multiplyAdds) / count / alone[index]! / peak).toFixed(1), (100 * share).toFixed(1)],
  ]);
  const text = `${table(['count', 'first', 'layer', 'ms alone', 'ms in place', '% of limit alone', '% in place'], rows)}
limit of a thread: ${((2 * peak) / 1e6).toFixed(1)} GFLOP/s; in place ${value.toFixed(1)} % of it, alone ${byThemselves.toFixed(1)} %`;
  const what = '1x1 layers of ResNet-101 in their network, share of the limit';
  return { text, findings: [{ what, threads, value, aim: 'products' }], data: { peak, groups } };
}

/** Milliseconds of each layer as a graph of its own, with bias and ReLU. */
async function measureAlone(
  threads: number,
  groups: readonly Pick<Products, 'data' | 'weight' | 'stride'>[],
  rounds: number,
): Promise<number[]> {
  const backend = await wasmBackend({ threads });
  const random = uniform(3);
  const times: number[] = [];
  for (const { data, weight, stride } of groups) {
    const graph = trace(
      (parameters, { x }) => ({
        y: fusedConvolution(x, parameters.get('w', weight), parameters.get('b', [weight[0]!]), undefined, {
          stride,
          slope: 0,
        }),
      }),
      { x: data },
    );
    const weights = graph.parameters.map(
      ({ name, shape }) => [name, randomTensor(shape, random, 1)] as const,
    );
    const plan = await backend.compile(graph, new Map(weights));
    const feeds = { x: randomTensor(data, random, 1) };
    const runs: number[] = [];
    for (let run = 0; run < 3 * rounds; run++) {
      await plan.run(feeds);
      if (run >= rounds) runs.push(plan.report().nodes[0]!.milliseconds);
    }
    times.push(median(runs));
    plan.dispose();
  }
  backend.dispose();
  return times;
}

interface Products {
  readonly name: string;
  readonly shape: string;
  readonly nodes: readonly number[];
  /** Of one of them. */
  readonly multiplyAdds: number;
  readonly data: Shape;
  readonly weight: Shape;
  readonly stride: number;
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
    const stride = rows! < data![2]! ? 2 : 1;
    const shape = `${rows}x${columns} ${weight![1]}→${weight![0]}${stride === 2 ? ' stride 2' : ''}`;
    const known = groups.get(shape);
    const { multiplyAdds } = nodes[index]!;
    groups.set(shape, {
      name: node.name,
      shape,
      multiplyAdds,
      data: data!,
      weight: weight!,
      stride,
      ...known,
      nodes: [...(known?.nodes ?? []), index],
    });
  });
  return [...groups.values()];
}
