/**
 * Every distinct convolution and deconvolution of the networks, with its bias and activation, against both peers.
 *
 * All sides compute the same little graph: the layer, then the largest value of each of its channels. In a network the
 * results of a layer stay where they are; here too, and nobody is measured at copying them out. What it costs to start a
 * graph is no layer's either: of small layers, the graph has several copies with other weights.
 */
import { type Plan, toHost } from '../../../src/backends/index.ts';
import { wasmBackend, type WasmBackend } from '../../../src/backends/wasm/index.ts';
import { type Graph, trace } from '../../../src/graph/index.ts';
import { pooling } from '../../../src/ops/index.ts';
import type { Shape, Tensor } from '../../../src/tensor/index.ts';
import { demand, relativeDifference } from '../../gpu/page/check.ts';
import { layerInputs, like } from '../../gpu/page/inputs.ts';
import { layerOutput } from '../../gpu/page/ours.ts';
import type { LayerWork } from '../../gpu/work.ts';
import { median } from '../../timing.ts';
import type { Answer, Work } from '../api.ts';
import { layerFindings, type LayerResult, layerTable } from '../layer-report.ts';
import { networkLayers } from '../network-layers.ts';
import { clockFor, ratioOf, takeTurns } from '../measure.ts';
import { onnxPeer } from '../onnx.ts';
import { startTensorflow, tensorflowPeer } from '../tensorflow.ts';

/** Long enough for a clock and for short layers to settle. */
const LEAST_MILLISECONDS = 30;
/** Multiply-adds of a graph, where so many copies are enough. */
const LEAST_MULTIPLY_ADDS = 2e8;
const MOST_COPIES = 24;

export async function measureLayers(work: Work): Promise<Answer> {
  await startTensorflow();
  const backend = await wasmBackend({ threads: work.threads });
  const results: LayerResult[] = [];
  for (const [network, layer] of networkLayers(work)) {
    results.push({ network, layer, ...(await measureLayer(backend, layer, work)) });
  }
  backend.dispose();
  return { text: layerTable(results), findings: layerFindings(results), data: results };
}

async function measureLayer(
  backend: WasmBackend,
  layer: LayerWork,
  { rounds, threads }: Work,
): Promise<Omit<LayerResult, 'network' | 'layer'>> {
  const copies = Math.min(MOST_COPIES, Math.ceil(LEAST_MULTIPLY_ADDS / layer.multiplyAdds));
  const inputs = Array.from({ length: copies }, (_, k) => layerInputs(layer, k + 1));
  const graph = copiedLayer(layer, copies);
  const parameters = new Map(
    inputs.flatMap(({ weight, bias }, k) => [[`weight${k}`, weight] as const, [`bias${k}`, bias] as const]),
  );
  const { data } = inputs[0]!;
  const feeds: Record<string, Tensor> = layer.crop ? { data, like: like(layer.crop) } : { data };
  const plan = await backend.compile(graph, parameters);
  const onnx = await onnxPeer(graph, parameters, feeds, threads);
  const tensorflow = tensorflowPeer(
    layer,
    inputs.map((each) => ({ ...each, data })),
  );
  try {
    const [ours, theirs, others] = [await plan.run(feeds), await onnx.run(), tensorflow.run()];
    for (const [k, other] of others.entries()) {
      const mine = await toHost(ours[`out${k}`]!);
      demand(layer.name, relativeDifference(mine, theirs[`out${k}`]!));
      demand(layer.name, relativeDifference(mine, other));
    }
    const sides = [() => plan.run(feeds), () => onnx.run(), () => tensorflow.run()];
    const options = { rounds, clock: clockFor(threads), leastMilliseconds: LEAST_MILLISECONDS };
    const times = (await takeTurns(sides, options)) as [number[], number[], number[]];
    return {
      kernel: kernelOf(plan),
      milliseconds: median(times[0]) / copies,
      onnx: median(times[1]) / copies,
      tensorflow: median(times[2]) / copies,
      onnxRatio: ratioOf(times[1], times[0]),
      tensorflowRatio: ratioOf(times[2], times[0]),
    };
  } finally {
    plan.dispose();
    await onnx.release();
    tensorflow.dispose();
  }
}

function copiedLayer(layer: LayerWork, copies: number): Graph {
  const shapes: Record<string, Shape> = { data: layer.data };
  if (layer.crop) shapes['like'] = [1, 1, ...layer.crop];
  return trace((parameters, { data, like }) => {
    const filters = layer.weight[layer.kind === 'convolution' ? 0 : 1]!;
    const outputs = Array.from({ length: copies }, (_, k) => {
      const [weight, bias] = [
        parameters.get(`weight${k}`, layer.weight),
        parameters.get(`bias${k}`, [filters]),
      ];
      const result = layerOutput(layer, data!, weight, bias, like);
      return [`out${k}`, pooling(result, { type: 'max', kernel: 1, global: true })] as const;
    });
    return Object.fromEntries(outputs);
  }, shapes);
}

/** What was chosen for the layer: the first node that is not the crop's or the maximum's. */
function kernelOf(plan: Plan): string {
  return plan.report().nodes.find(({ operator }) => /convolution/i.test(operator))!.kernel;
}
