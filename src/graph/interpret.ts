/**
 * interpret: run a graph on the reference kernels, node by node. This is the definition that every other backend is
 * checked against.
 *
 * A value is dropped after its last use, so that memory is bounded by what is alive, not by the depth of the network.
 */
import { runOperator } from '../ops/operator.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkedFeed } from './feeds.ts';
import { type Graph, type Node, references, type ValueRef, valueName } from './graph.ts';
import { operatorCalled, type OwnOperators } from './operator-lookup.ts';
import { lookUp, type ParameterSource } from './parameters.ts';
import { valuesCalled } from './value-lookup.ts';

export interface Feeds {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly parameters: ParameterSource;
}

export interface InterpretOptions {
  /** Names of values to keep besides the outputs (`conv1_output`), or a predicate over names. */
  readonly keep?: readonly string[] | ((name: string) => boolean);
  /** Operators of your own that the graph uses, by name. */
  readonly operators?: OwnOperators;
}

export interface Results {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** The values asked for with `keep`. Of two nodes of one name, the later one. */
  readonly kept: ReadonlyMap<string, Tensor>;
}

/** What the stepwise form reports before each node. */
export interface Step {
  readonly index: number;
  readonly node: Node;
}

/** Runs a whole graph. @throws ShapeError, ParameterError when a feed is missing or does not fit */
export function interpret(graph: Graph, feeds: Feeds, options: InterpretOptions = {}): Results {
  const steps = interpretSteps(graph, feeds, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same, one node at a time: the caller may pause, cancel or report progress between nodes. */
export function* interpretSteps(
  graph: Graph,
  { inputs, parameters }: Feeds,
  { keep = [], operators }: InterpretOptions = {},
): Generator<Step, Results> {
  const wanted = typeof keep === 'function' ? keep : (name: string) => keep.includes(name);
  if (typeof keep !== 'function') valuesCalled(graph, keep); // complains about strangers
  const fed = graph.inputs.map((port) => checkedFeed(inputs, port));
  const weights = graph.parameters.map((port) => lookUp(parameters, port.name, port.shape));
  const uses = countUses(graph);
  const values: (Tensor[] | undefined)[] = [];
  const kept = new Map<string, Tensor>();

  const read = (ref: ValueRef): Tensor => {
    if (ref.from === 'input') return fed[ref.index]!;
    if (ref.from === 'parameter') return weights[ref.index]!;
    return values[ref.index]![ref.output]!;
  };

  for (const [index, node] of graph.nodes.entries()) {
    yield { index, node };
    const operator = operatorCalled(node.operator, operators);
    values[index] = [...runOperator(operator, node.inputs.map(read), node.attributes)];
    node.outputs.forEach((_, output) => {
      const name = valueName(node, output);
      if (wanted(name)) kept.set(name, values[index]![output]!);
    });
    for (const ref of node.inputs) {
      if (ref.from === 'node' && --uses[ref.index]! === 0) values[ref.index] = undefined;
    }
    if (uses[index] === 0) values[index] = undefined;
  }
  const outputs = Object.fromEntries(graph.outputs.map(({ name, value }) => [name, read(value)]));
  return { outputs, kept };
}

/** How often each node's outputs are read, by other nodes or as outputs of the graph. */
function countUses(graph: Graph): number[] {
  const uses = graph.nodes.map(() => 0);
  for (const ref of references(graph)) if (ref.from === 'node') uses[ref.index]!++;
  return uses;
}
