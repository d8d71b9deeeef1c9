/**
 * Graph: a network written down. Plain, frozen, JSON-able data: shapes known, no dtype, no weights.
 *
 * Everything that is not running a network (counting, comparing, exporting, differentiating, compiling for a device)
 * is a function of this record.
 */
import type { Shape } from '../tensor/shape.ts';

/** Something that comes from outside: an input or a parameter. */
export interface Port {
  readonly name: string;
  readonly shape: Shape;
}

/** A place where a value comes from. */
export type ValueRef =
  | { readonly from: 'input'; readonly index: number }
  | { readonly from: 'parameter'; readonly index: number }
  | { readonly from: 'node'; readonly index: number; readonly output: number };

export interface Node {
  /** The official name where there is one, e.g. `res2a_branch1`. Names need not be unique (MXNet's are not). */
  readonly name: string;
  /** Key of the operator table. */
  readonly operator: string;
  /** Complete: defaults are filled in. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly inputs: readonly ValueRef[];
  /** Names of the outputs within the node, e.g. `output`. */
  readonly outputs: readonly string[];
  /** Shapes of the outputs. */
  readonly shapes: readonly Shape[];
}

export interface GraphOutput {
  readonly name: string;
  readonly value: ValueRef;
}

export interface Graph {
  readonly inputs: readonly Port[];
  /** In the order in which the network first asks for them. */
  readonly parameters: readonly Port[];
  /** In an order in which they can be computed. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly GraphOutput[];
}

/** The name under which an output of a node can be asked for, as MXNet forms it: `conv1_output`. */
export function valueName(node: Node, output: number): string {
  return `${node.name}_${node.outputs[output]!}`;
}

/** The shape of a value. */
export function shapeOf(graph: Graph, { from, index, ...rest }: ValueRef): Shape {
  if (from === 'input') return graph.inputs[index]!.shape;
  if (from === 'parameter') return graph.parameters[index]!.shape;
  return graph.nodes[index]!.shapes[(rest as { output: number }).output]!;
}

/** Everything that reads a value: the inputs of all nodes in order, then the outputs of the graph. */
export function references(graph: Graph): ValueRef[] {
  return [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ value }) => value)];
}

/** The name of a value: of its port, or `conv1_output`. */
export function nameOf(graph: Graph, value: ValueRef): string {
  if (value.from === 'input') return graph.inputs[value.index]!.name;
  if (value.from === 'parameter') return graph.parameters[value.index]!.name;
  return valueName(graph.nodes[value.index]!, value.output);
}
