/**
 * differentiate: the gradient of a loss, as a graph.
 *
 * Reverse mode: the network is replayed, then walked backwards. Each operator turns the gradient in its outputs into
 * gradients in its inputs, written with operators; where a value is used twice, the gradients add up. The result is an
 * ordinary graph: it runs on any backend, and can be differentiated again where its operators allow it.
 *
 * MXNet's rule for losses is kept: softmaxOutput and makeLoss start a gradient of their own and ignore what arrives.
 */
import { applyAny, elementwiseAdd, named, onesLike, type Value, zerosLike } from '../ops/index.ts';
import { ParameterError, UnsupportedOpError } from '../tensor/errors.ts';
import type { Shape } from '../tensor/shape.ts';
import { type Graph, type Node, shapeOf, type ValueRef } from './graph.ts';
import { operatorCalled, type OwnOperators } from './operator-lookup.ts';
import type { Parameters } from './parameters.ts';
import { trace } from './trace.ts';

/** The values of a graph that is being replayed. */
interface Replay<V extends Value> {
  readonly inputs: readonly V[];
  readonly parameters: readonly V[];
  /** Outputs of each node. */
  readonly nodes: readonly (readonly V[])[];
}

/** Runs the operators of a graph on values of any kind: computes on tensors, records on symbols. */
export function replay<V extends Value>(
  graph: Graph,
  parameters: Parameters<V>,
  inputs: Readonly<Record<string, V>>,
  own?: OwnOperators,
): Replay<V> {
  const nodes: (readonly V[])[] = [];
  const values = {
    inputs: graph.inputs.map(({ name }) => inputs[name]!),
    parameters: graph.parameters.map(({ name, shape }) => parameters.get(name, shape)),
    nodes,
  };
  for (const node of graph.nodes) {
    const read = node.inputs.map((ref) => valueAt(values, ref));
    const results = applyAny(operatorCalled(node.operator, own), read, node.attributes);
    if (results[0]) named(node.name, results[0]);
    nodes.push(results);
  }
  return values;
}

function valueAt<V extends Value>(values: Replay<V>, ref: ValueRef): V {
  if (ref.from === 'node') return values.nodes[ref.index]![ref.output]!;
  return (ref.from === 'input' ? values.inputs : values.parameters)[ref.index]!;
}

/** Name under which the gradient in an input or parameter is found among the outputs. */
export function gradientName(name: string): string {
  return `gradient/${name}`;
}

export interface DifferentiateOptions {
  /**
   * Ask for the gradient that arrives at each loss: the graph gets an input `head/NAME` of its shape. Default false:
   * the losses are added up, each element counting once.
   */
  readonly heads?: boolean;
  /** Operators of your own that the graph uses, by name. */
  readonly operators?: OwnOperators;
}

/**
 * A graph that computes what `graph` computes and, as outputs `gradient/NAME`, the gradient of its losses in the inputs
 * and parameters called `wrt`. One that the loss does not depend on gets zeros.
 *
 * @param loss names of outputs of the graph
 * @throws ParameterError when there is no such output, input or parameter; UnsupportedOpError when an operator on the
 *   way has no gradient
 * @example differentiate(graph, ['cls_prob_reshape_output', 'bbox_loss_reshape_output'], ['rfcn_cls_weight'])
 */
export function differentiate(
  graph: Graph,
  loss: string | readonly string[],
  wrt: readonly string[],
  { heads = false, operators }: DifferentiateOptions = {},
): Graph {
  const losses = [loss].flat().map((name) => outputCalled(graph, name));
  const targets = wrt.map((name) => portCalled(graph, name));
  const shapes: Record<string, Shape> = Object.fromEntries(
    graph.inputs.map(({ name, shape }) => [name, shape]),
  );
  const headShapes = heads ? losses.map(({ name, shape }) => [`head/${name}`, shape] as const) : [];
  return trace(
    (parameters, inputs) => {
      const values = replay(graph, parameters, inputs, operators);
      const starts = losses.map(({ name, value }) => ({
        ref: value,
        head: heads ? inputs[`head/${name}`]! : onesLike(valueAt(values, value)),
      }));
      const gradients = backward(graph, values, starts, targets, operators);
      const results = graph.outputs.map(({ name, value }) => [name, valueAt(values, value)] as const);
      const found = targets.map((ref, k) => {
        const gradient = gradients.get(keyOf(ref)) ?? zerosLike(valueAt(values, ref));
        return [gradientName(wrt[k]!), gradient] as const;
      });
      return Object.fromEntries([...results, ...found]);
    },
    { ...shapes, ...Object.fromEntries(headShapes) },
  );
}

const keyOf = (ref: ValueRef): string =>
  `${ref.from}:${ref.index}${ref.from === 'node' ? `:${ref.output}` : ''}`;

/** Gradients by value, for every value between the losses and the targets. */
function backward<V extends Value>(
  graph: Graph,
  values: Replay<V>,
  starts: readonly { readonly ref: ValueRef; readonly head: V }[],
  targets: readonly ValueRef[],
  own: OwnOperators | undefined,
): ReadonlyMap<string, V> {
  const wanted = dependents(graph, targets);
  const gradients = new Map<string, V>();
  const add = (ref: ValueRef, gradient: V): void => {
    const known = gradients.get(keyOf(ref));
    gradients.set(keyOf(ref), known ? elementwiseAdd(known, gradient) : gradient);
  };
  for (const { ref, head } of starts) if (wanted.has(keyOf(ref))) add(ref, head);
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index]!;
    const outputs = values.nodes[index]!;
    const heads = outputs.map((_, output) => gradients.get(keyOf({ from: 'node', index, output })));
    if (heads.every((head) => head === undefined)) continue;
    const complete = heads.map((head, output) => head ?? zerosLike(outputs[output]!));
    const thunks = gradientOf(
      node,
      complete,
      node.inputs.map((ref) => valueAt(values, ref)),
      outputs,
      own,
    );
    node.inputs.forEach((ref, k) => {
      const thunk = thunks[k];
      if (thunk && wanted.has(keyOf(ref))) add(ref, thunk());
    });
  }
  return gradients;
}

function gradientOf<V extends Value>(
  node: Node,
  heads: readonly V[],
  inputs: readonly V[],
  outputs: readonly V[],
  own: OwnOperators | undefined,
): readonly ((() => V) | null | undefined)[] {
  const operator = operatorCalled(node.operator, own);
  if (!operator.gradient) {
    throw new UnsupportedOpError(
      `differentiate: ${node.operator} (${node.name}) has no gradient; put a blockGrad before it or leave it out of the loss`,
    );
  }
  return operator.gradient(heads, inputs, outputs, node.attributes) as readonly (
    (() => V) | null | undefined
  )[];
}

/** Keys of all values that depend on one of the targets, the targets among them. */
function dependents(graph: Graph, targets: readonly ValueRef[]): ReadonlySet<string> {
  const keys = new Set(targets.map(keyOf));
  graph.nodes.forEach((node, index) => {
    if (!node.inputs.some((ref) => keys.has(keyOf(ref)))) return;
    node.shapes.forEach((_, output) => keys.add(keyOf({ from: 'node', index, output })));
  });
  return keys;
}

function outputCalled(graph: Graph, name: string): { name: string; value: ValueRef; shape: Shape } {
  const found = graph.outputs.find((output) => output.name === name);
  if (!found) {
    const names = graph.outputs.map((output) => output.name).join(', ');
    throw new ParameterError(`differentiate: there is no output called ${name}; there is ${names}`);
  }
  return { ...found, shape: shapeOf(graph, found.value) };
}

function portCalled(graph: Graph, name: string): ValueRef {
  const input = graph.inputs.findIndex((port) => port.name === name);
  if (input >= 0) return { from: 'input', index: input };
  const parameter = graph.parameters.findIndex((port) => port.name === name);
  if (parameter >= 0) return { from: 'parameter', index: parameter };
  throw new ParameterError(`differentiate: there is no input or parameter called ${name}`);
}
