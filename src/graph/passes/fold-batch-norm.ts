/**
 * foldBatchNorm: a batch norm with stored statistics behind a convolution becomes part of the convolution.
 *
 *   a = gamma / √(variance + ε),  weight′ = a · weight,  bias′ = beta − a · mean + a · bias      (per filter)
 *
 * One pass over the feature map fewer per layer; the result differs from the unfolded one by rounding only. The graph
 * asks for `folded/NAME_weight` and `folded/NAME_bias`, so that it cannot be fed the unfolded weights by mistake.
 */
import type { Shape } from '../../tensor/shape.ts';
import { type Tensor, tensor } from '../../tensor/tensor.ts';
import type { Graph, Node, Port, ValueRef } from '../graph.ts';
import { lookUp, type ParameterSource } from '../parameters.ts';

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

const foldedName = (node: Node, what: string): string => `folded/${node.name}_${what}`;

/** Folds every batch norm that follows a convolution nobody else reads. */
export function foldBatchNorm(graph: Graph): FoldedGraph {
  const pairs = graph.nodes.flatMap((_, index) => pairAt(graph, index) ?? []);
  const byNorm = new Map(pairs.map((pair) => [pair.batchNorm, pair]));
  const convolutions = new Set(pairs.map(({ convolution }) => convolution));
  const parameters = remainingParameters(graph, pairs);
  const position = new Map(parameters.map(({ name }, index) => [name, index]));

  const nodes: Node[] = [];
  const places = new Map<number, number>(); // of the nodes that stay
  const move = (ref: ValueRef): ValueRef => {
    if (ref.from === 'input') return ref;
    if (ref.from === 'parameter') return { ...ref, index: position.get(graph.parameters[ref.index]!.name)! };
    return { ...ref, index: places.get(ref.index)! };
  };
  const parameter = (name: string): ValueRef => ({ from: 'parameter', index: position.get(name)! });
  graph.nodes.forEach((node, index) => {
    if (convolutions.has(index)) return;
    const pair = byNorm.get(index);
    places.set(index, nodes.length);
    nodes.push(pair ? foldedNode(graph, pair, move, parameter) : { ...node, inputs: node.inputs.map(move) });
  });
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: move(value) }));
  return {
    graph: { inputs: graph.inputs, parameters, nodes, outputs },
    parameters: (source) => foldedParameters(graph, pairs, source),
  };
}

/** The pair that ends in the batch norm at `index`, if it can be folded. */
function pairAt(graph: Graph, index: number): Pair | undefined {
  const node = graph.nodes[index]!;
  if (node.operator !== 'batchNorm' || node.attributes['statistics'] !== 'moving') return undefined;
  const [data, ...rest] = node.inputs as [ValueRef, ...ValueRef[]];
  if (data.from !== 'node') return undefined;
  const before = graph.nodes[data.index]!;
  if (before.operator !== 'convolution' || uses(graph, 'node', data.index) > 1) return undefined;
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

function references(graph: Graph): ValueRef[] {
  return [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ value }) => value)];
}

const uses = (graph: Graph, from: ValueRef['from'], index: number): number =>
  references(graph).filter((ref) => ref.from === from && ref.index === index).length;

/** Whether somebody wants the statistics that a batch norm hands on. */
const readsStatistics = (graph: Graph, index: number): boolean =>
  references(graph).some((ref) => ref.from === 'node' && ref.index === index && ref.output > 0);

/** The convolution with its new weights, under the name of the batch norm, whose value it has. */
function foldedNode(
  graph: Graph,
  { convolution, batchNorm }: Pair,
  move: (ref: ValueRef) => ValueRef,
  parameter: (name: string) => ValueRef,
): Node {
  const [node, norm] = [graph.nodes[convolution]!, graph.nodes[batchNorm]!];
  const inputs = [
    move(node.inputs[0]!),
    parameter(foldedName(node, 'weight')),
    parameter(foldedName(node, 'bias')),
  ];
  return { ...node, name: norm.name, inputs };
}

/** Folded parameters stand where the weight stood; what nobody reads any more is gone. */
function remainingParameters(graph: Graph, pairs: readonly Pair[]): Port[] {
  const folded = new Set(pairs.flatMap(({ convolution, batchNorm }) => [convolution, batchNorm]));
  const others = graph.nodes.filter((_, index) => !folded.has(index)).flatMap(({ inputs }) => inputs);
  const read = [...others, ...graph.outputs.map(({ value }) => value)].filter(
    ({ from }) => from === 'parameter',
  );
  const kept = new Set(read.map(({ index }) => index));
  return graph.parameters.flatMap((port, index): Port[] => {
    const made = pairs
      .filter(({ weight }) => weight === port)
      .flatMap(({ convolution }): Port[] => {
        const node = graph.nodes[convolution]!;
        const bias: Shape = [port.shape[0]!];
        return [
          { name: foldedName(node, 'weight'), shape: port.shape },
          { name: foldedName(node, 'bias'), shape: bias },
        ];
      });
    return kept.has(index) ? [port, ...made] : made;
  });
}

function foldedParameters(graph: Graph, pairs: readonly Pair[], source: ParameterSource): ParameterSource {
  const made = new Map<string, Tensor>();
  const makers = new Map(
    pairs.flatMap((pair) => {
      const node = graph.nodes[pair.convolution]!;
      return ['weight', 'bias'].map((what) => [foldedName(node, what), { pair, node }] as const);
    }),
  );
  return {
    get(name) {
      const maker = makers.get(name);
      if (!maker) return source.get(name);
      if (!made.has(name)) {
        const { weight, bias } = fold(graph, maker.pair, source);
        made.set(foldedName(maker.node, 'weight'), weight).set(foldedName(maker.node, 'bias'), bias);
      }
      return made.get(name);
    },
  };
}

function fold(
  graph: Graph,
  { batchNorm, weight: weightPort, bias: biasPort, statistics }: Pair,
  source: ParameterSource,
): { weight: Tensor; bias: Tensor } {
  const { epsilon, fixGamma } = graph.nodes[batchNorm]!.attributes as { epsilon: number; fixGamma: boolean };
  const read = ({ name, shape }: Port): Tensor => lookUp(source, name, shape);
  const weight = read(weightPort);
  const [gamma, beta, mean, variance] = statistics.map(read) as [Tensor, Tensor, Tensor, Tensor];
  const old = biasPort && read(biasPort);
  const filters = beta.data.length;
  const depth = weight.data.length / filters;
  const factors = Float64Array.from(
    variance.data,
    (v, o) => (fixGamma ? 1 : gamma.data[o]!) / Math.sqrt(v + epsilon),
  );
  const folded = Float64Array.from(weight.data, (w, i) => w * factors[Math.floor(i / depth)]!);
  const offset = Float64Array.from(
    beta.data,
    (b, o) => b + factors[o]! * ((old?.data[o] ?? 0) - mean.data[o]!),
  );
  return {
    weight: tensor(weight.shape, folded, weight.dtype),
    bias: tensor([filters], offset, weight.dtype),
  };
}
