/** A whole part of the official network as one plan, and as one ONNX model in onnxruntime. */
import { toHost } from '../../../src/backends/index.ts';
import { wasmBackend } from '../../../src/backends/wasm/index.ts';
import { statistics } from '../../../src/graph/index.ts';
import { type PartKind, partialGraph } from '../../../src/nets/index.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import { demand, relativeDifference } from '../../gpu/page/check.ts';
import { randomTensor, uniform } from '../../random.ts';
import { randomWeights } from '../../random-weights.ts';
import { median } from '../../timing.ts';
import type { Answer, Work } from '../api.ts';
import { clockFor, ratioOf, takeTurns } from '../measure.ts';
import { onnxPeer } from '../onnx.ts';
import { sizeFor } from '../size.ts';

const titles: Readonly<Record<PartKind, string>> = {
  feature: 'feature network against onnxruntime',
  flow: 'FlowNet with scale branch against onnxruntime',
};

export async function measureNetwork(kind: PartKind, { quick, threads, rounds }: Work): Promise<Answer> {
  const { configuration, ...size } = sizeFor(quick);
  const graph = partialGraph(kind, configuration, size);
  const weights = randomWeights([graph]);
  const random = uniform(2);
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, shape }) => [name, randomTensor(shape, random, 60)] as const),
  );
  const backend = await wasmBackend({ threads });
  const plan = await backend.compile(graph, weights);
  const peer = await onnxPeer(graph, weights, feeds, threads);

  const [ours, theirs] = [await plan.run(feeds), await peer.run()];
  const difference = Math.max(
    ...(await Promise.all(
      Object.entries(theirs).map(async ([name, expected]) =>
        compare(name, await toHost(ours[name]!), expected),
      ),
    )),
  );
  const clock = clockFor(threads);
  const times = await takeTurns([() => plan.run(feeds), () => peer.run()], { rounds, clock });
  backend.dispose();
  await peer.release();

  const [mine, other] = times as [number[], number[]];
  const value = ratioOf(other, mine);
  const gigaflops = (2 * statistics(graph).multiplyAdds) / median(mine) / 1e6;
  const text =
    `${titles[kind]}: ours ${median(mine).toFixed(0)} ms (${gigaflops.toFixed(1)} nominal GFLOP/s), theirs ` +
    `${median(other).toFixed(0)} ms, ${clock} time, ratio ${value.toFixed(2)}, results differ by ${difference.toExponential(1)}`;
  return {
    text,
    findings: [{ what: titles[kind], threads, value, aim: kind }],
    data: { ours: mine, theirs: other, clock, difference },
  };
}

function compare(name: string, ours: Tensor, theirs: Tensor): number {
  return demand(name, relativeDifference(ours, theirs));
}
