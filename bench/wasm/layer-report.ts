/** What the numbers of single layers say. */
import { pair } from '../../src/ops/index.ts';
import { describeLayer } from '../gpu/results.ts';
import type { LayerWork } from '../gpu/work.ts';
import { type Cell, table } from '../table.ts';
import type { Finding } from './api.ts';
import type { NetworkName } from './network-layers.ts';

export interface LayerResult {
  readonly network: NetworkName;
  readonly layer: LayerWork;
  /** What the backend chose. */
  readonly kernel: string;
  /** Milliseconds, medians: ours and those of the peers. */
  readonly milliseconds: number;
  readonly onnx: number;
  readonly tensorflow: number;
  /** How many times as long they take, medians of the rounds. */
  readonly onnxRatio: number;
  readonly tensorflowRatio: number;
}

type Peer = 'onnx' | 'tensorflow';

/** Nominal: multiply-adds as the definition has them, twice, per second. */
const gigaflops = ({ layer, milliseconds }: LayerResult): number =>
  (2 * layer.multiplyAdds) / milliseconds / 1e6;

export function layerTable(results: readonly LayerResult[]): string {
  const header = ['network', 'count', 'first', 'layer', 'kernel', 'ms', 'GFLOP/s', 'onnx', 'tfjs'];
  const rows = results.map((result): Cell[] => {
    const { network, layer, kernel, milliseconds, onnxRatio, tensorflowRatio } = result;
    return [
      network,
      layer.count,
      layer.name,
      describeLayer(layer),
      kernel,
      milliseconds.toPrecision(3),
      gigaflops(result).toFixed(1),
      onnxRatio.toFixed(2),
      tensorflowRatio.toFixed(2),
    ];
  });
  return table(header, rows);
}

/** The ratio of the sums of all layers, each as often as its network has it. */
export function weightedRatio(results: readonly LayerResult[], peer: Peer): number {
  const sum = (time: 'milliseconds' | Peer): number =>
    results.reduce((total, result) => total + result.layer.count * result[time], 0);
  return sum(peer) / sum('milliseconds');
}

/** How many times as fast as the better of the peers. */
export const leastRatio = ({ onnxRatio, tensorflowRatio }: LayerResult): number =>
  Math.min(onnxRatio, tensorflowRatio);

export function layerFindings(results: readonly LayerResult[]): Finding[] {
  const weighted = (
    what: string,
    chosen: readonly LayerResult[],
    peer: Peer,
    aim?: Finding['aim'],
  ): Finding[] =>
    chosen.length === 0
      ? []
      : [{ what, threads: 1, value: weightedRatio(chosen, peer), ...(aim && { aim }) }];
  const of = (name: NetworkName): LayerResult[] => results.filter(({ network }) => network === name);
  const worst = results.toSorted((a, b) => leastRatio(a) - leastRatio(b))[0];
  return [
    ...weighted('layers of ResNet-101 against TensorFlow.js', of('ResNet-101'), 'tensorflow', 'tensorflow'),
    ...weighted('layers of ResNet-101 against onnxruntime', of('ResNet-101'), 'onnx'),
    ...weighted('layers of FlowNet against TensorFlow.js', of('FlowNet'), 'tensorflow'),
    ...weighted('layers of FlowNet against onnxruntime', of('FlowNet'), 'onnx'),
    ...weighted('3x3 layers of stride 1 against onnxruntime', results.filter(isPlain3x3), 'onnx', 'winograd'),
    ...(worst
      ? [
          {
            what: 'any layer against the better peer',
            threads: 1,
            value: leastRatio(worst),
            aim: 'single' as const,
            note: `${worst.layer.name} (${describeLayer(worst.layer)})`,
          },
        ]
      : []),
  ];
}

/** Convolutions of 3 x 3 with stride 1, however far apart their taps are. */
function isPlain3x3({ layer: { kind, weight, stride } }: LayerResult): boolean {
  return kind === 'convolution' && weight[2] === 3 && weight[3] === 3 && pair(stride).every((s) => s === 1);
}
