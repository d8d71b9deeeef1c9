/**
 * foldBatchNorm: a batch norm with stored statistics behind a convolution becomes part of the convolution.
 *
 *   a = gamma / √(variance + ε),  weight′ = a · weight,  bias′ = beta − a · mean + a · bias      (per filter)
 *
 * One pass over the feature map fewer per layer; the result differs from the unfolded one by rounding only. The graph
 * asks for `folded/NAME_weight` and `folded/NAME_bias`, so that it cannot be fed the unfolded weights by mistake.
 */
import { type Tensor, tensor, zeros } from '../../tensor/tensor.ts';
import { type Graph, type Node, type Port, references, type ValueRef } from '../graph.ts';
import { lookUp, type ParameterSource } from '../parameters.ts';
import { choosePorts, dropUnread, replaceNodes, soleReaders } from './rewrite.ts';

export interface FoldedGraph {
  readonly graph: Graph;
  /** The parameters of the folded graph, from those of the original one. Folded ones are made when first asked for. */
  readonly parameters: (source: ParameterSource) => ParameterSource;
}

/** A convolution, the batch norm behind it, and the parameters of both. */
interface Pair {
  readonly convolution: number;
  readonly batchNorm: number;
  readonly weight: Port;
  readonly bias: Port | undefined;
  /** gamma, beta, moving mean, moving variance */
  readonly statistics: readonly Port[];
}

/** Folds every batch norm that follows a convolution nobody else reads. */
export function foldBatchNorm(graph: Graph): FoldedGraph {
  const readers = soleReaders(graph);
  const pairs = graph.nodes.flatMap((_, index) => pairAt(graph, readers, index) ?? []);
  if (pairs.length === 0) return { graph, parameters: (source) => source };
  const first = graph.parameters.length;
  const changes = pairs.flatMap((pair, k): [number, Node | undefined][] => [
    [pair.convolution, undefined],
    [pair.batchNorm, foldedNode(graph, pair, first + 2 * k)],
  ]);
  const names = foldedNames(graph, pairs);
  const made = pairs.flatMap(({ weight }, k): Port[] => [
    { name: `${names[k]!}_weight`, shape: weight.shape },
    { name: `${names[k]!}_bias`, shape: [weight.shape[0]!] },
  ]);
  const folded = replaceNodes({ ...graph, parameters: [...graph.parameters, ...made] }, new Map(changes));
  // Folded parameters stand where the weight stood; what nobody reads any more is gone.
  const order = graph.parameters.flatMap((port, index) => [
    index,
    ...pairs.flatMap(({ weight }, k) => (weight === port ? [first + 2 * k, first + 2 * k + 1] : [])),
  ]);
  return {
    graph: dropUnread(choosePorts(folded, 'parameter', order), 'parameter'),
    parameters: (source) => foldedParameters(graph, pairs, names, source),
  };
}

/** Where folded parameters are found; convolutions of one name are told apart by a number. */
function foldedNames(graph: Graph, pairs: readonly Pair[]): readonly string[] {
  const counts = new Map<string, number>();
  return pairs.map(({ convolution }) => {
    const { name } = graph.nodes[convolution]!;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? `folded/${name}` : `folded/${name}/${count}`;
  });
}

/** The pair that ends in the batch norm at `index`, if it can be folded. */
function pairAt(graph: Graph, readers: readonly (number | undefined)[], index: number): Pair | undefined {
  const node = graph.nodes[index]!;
  if (node.operator !== 'batchNorm' || node.attributes['statistics'] !== 'moving') return undefined;
  const [data, ...rest] = node.inputs as [ValueRef, ...ValueRef[]];
  if (data.from !== 'node') return undefined;
  const before = graph.nodes[data.index]!;
  if (before.operator !== 'convolution' || readers[data.index] !== index) return undefined;
  const [, weight, bias] = before.inputs as [ValueRef, ValueRef, ValueRef?];
  if (weight.from !== 'parameter' || (bias && bias.from !== 'parameter')) return undefined;
  if (!rest.every(({ from }) => from === 'parameter') || readsStatistics(graph, index)) return undefined;
  const port = (ref: ValueRef): Port => graph.parameters[ref.index]!;
  const statistics = rest.map(port);
  return {
    convolution: data.index,
    batchNorm: index,
    weight: port(weight),
    bias: bias && port(bias),
    statistics,
  };
}

/** Whether somebody wants the statistics that a batch norm hands on. */
const readsStatistics = (graph: Graph, index: number): boolean =>
  references(graph).some((ref) => ref.from === 'node' && ref.index === index && ref.output > 0);

/** The convolution with its new weight and bias, under the name of the batch norm, whose value it has. */
function foldedNode(graph: Graph, { convolution, batchNorm }: Pair, weight: number): Node {
  const [node, norm] = [graph.nodes[convolution]!, graph.nodes[batchNorm]!];
  const parameter = (index: number): ValueRef => ({ from: 'parameter', index });
  return { ...node, name: norm.name, inputs: [node.inputs[0]!, parameter(weight), parameter(weight + 1)] };
}

/**
 * The parameters of the folded graph. Folded ones are computed whenever they are asked for and not kept: a backend asks
 * once, and all of them together are as large as the network.
 */
function foldedParameters(
  graph: Graph,
  pairs: readonly Pair[],
  names: readonly string[],
  source: ParameterSource,
): ParameterSource {
  const makers = new Map(
    names.flatMap((name, k): [string, () => Tensor][] => [
      [`${name}_weight`, () => foldWeight(graph, pairs[k]!, source)],
      [`${name}_bias`, () => foldBias(graph, pairs[k]!, source)],
    ]),
  );
  return { get: (name) => makers.get(name)?.() ?? source.get(name) };
}

/** Of a batch norm: gamma, beta, moving mean, moving variance. */
type Statistics = readonly [Port, Port, Port, Port];

/** What a batch norm multiplies each filter with. */
function factorsOf(graph: Graph, { batchNorm, statistics }: Pair, source: ParameterSource): Float64Array {
  const { epsilon, fixGamma } = graph.nodes[batchNorm]!.attributes as { epsilon: number; fixGamma: boolean };
  const [gamma, , , variance] = statistics as Statistics;
  const scale = read(source, gamma).data;
  return Float64Array.from(
    read(source, variance).data,
    (v, o) => (fixGamma ? 1 : scale[o]!) / Math.sqrt(v + epsilon),
  );
}

const read = (source: ParameterSource, { name, shape }: Port): Tensor => lookUp(source, name, shape);

function foldWeight(graph: Graph, pair: Pair, source: ParameterSource): Tensor {
  const weight = read(source, pair.weight);
  const factors = factorsOf(graph, pair, source);
  const depth = weight.data.length / factors.length;
  const folded = zeros(weight.shape, weight.dtype);
  for (let o = 0; o < factors.length; o++) {
    const factor = factors[o]!;
    for (let i = o * depth; i < (o + 1) * depth; i++) folded.data[i] = weight.data[i]! * factor;
  }
  return folded;
}

function foldBias(graph: Graph, pair: Pair, source: ParameterSource): Tensor {
  const factors = factorsOf(graph, pair, source);
  const [, betaPort, meanPort] = pair.statistics as Statistics;
  const [beta, mean] = [read(source, betaPort), read(source, meanPort)];
  const old = pair.bias && read(source, pair.bias);
  const offset = Float64Array.from(
    beta.data,
    (b, o) => b + factors[o]! * ((old?.data[o] ?? 0) - mean.data[o]!),
  );
  return tensor([factors.length], offset, beta.dtype);
}
