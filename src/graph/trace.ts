/**
 * trace: run a network on symbolic values and keep what it did as a graph.
 *
 * A network is a plain function of parameters and inputs. Its operators see that their inputs are symbolic and ask
 * the recorder that these carry to add a node; the recorder lives in one call of `trace` and nowhere else.
 */
import type { AnyOperator, Recorder, SymbolicTensor, Value } from '../ops/operator.ts';
import { ParameterError, ShapeError } from '../tensor/errors.ts';
import { formatShape, sameShape, type Shape } from '../tensor/shape.ts';
import type { Graph, Node, Port, ValueRef } from './graph.ts';
import type { Parameters } from './parameters.ts';

/** A network: the same function computes (V = Tensor) and is traced (V = SymbolicTensor). */
export type Network<Inputs extends string, Outputs extends string> = <V extends Value>(
  parameters: Parameters<V>,
  inputs: Readonly<Record<Inputs, V>>,
) => Readonly<Record<Outputs, V>>;

export interface TraceOptions {
  /**
   * Names nodes that the network leaves unnamed, from the operator and how many unnamed ones of the same prefix came
   * before. Default: `relu0`, `relu1`, ...
   */
  readonly prefix?: (operator: string) => string;
}

interface Place extends SymbolicTensor {
  readonly ref: ValueRef;
}

/** Output names of a node: the operator's own, or `output0`, `output1`, ... for a varying number. */
function outputNames(operator: AnyOperator, count: number): string[] {
  if (operator.outputs.length > 0) return [...operator.outputs];
  return count === 1 ? ['output'] : Array.from({ length: count }, (_, k) => `output${k}`);
}

/**
 * The graph of a network for inputs of the given shapes. Nothing is computed and no weights are needed.
 *
 * @example trace((parameters, { data }) => ({ out: relu(data) }), { data: [1, 3, 8, 8] })
 * @throws ShapeError where a layer does not fit the one before it, or an output was not computed from the inputs
 */
export function trace<Inputs extends string, Outputs extends string>(
  network: Network<Inputs, Outputs>,
  inputShapes: Readonly<Record<Inputs, Shape>>,
  { prefix = (operator) => operator }: TraceOptions = {},
): Graph {
  const parameters: Port[] = [];
  const nodes: { -readonly [K in keyof Node]: Node[K] }[] = [];
  const names: (string | undefined)[] = [];

  const recorder: Recorder = {
    record(operator, inputs, attributes) {
      const shapes = operator.shape(
        inputs.map((input) => input.shape),
        attributes,
      );
      const index = nodes.length;
      const outputs = outputNames(operator, shapes.length);
      const refs = inputs.map((input) => (input as Place).ref);
      nodes.push({
        name: '',
        operator: operator.name,
        attributes: { ...attributes },
        inputs: refs,
        outputs,
        shapes,
      });
      return shapes.map((shape, output) => place(shape, { from: 'node', index, output }));
    },
    name(value, name) {
      const { ref } = value as Place;
      if (ref.from !== 'node')
        throw new ShapeError(`named: ${name} is an input or parameter, which has a name already`);
      names[ref.index] = name;
    },
  };
  const place = (shape: Shape, ref: ValueRef): Place => ({ shape, recorder, ref });

  const inputs = Object.entries<Shape>(inputShapes).map(([name, shape]): Port => ({
    name,
    shape: [...shape],
  }));
  const results = network(
    { get: (name, shape) => place(shape, { from: 'parameter', index: declare(parameters, name, shape) }) },
    Object.fromEntries(
      inputs.map(({ name, shape }, index) => [name, place(shape, { from: 'input', index })]),
    ) as unknown as Record<Inputs, SymbolicTensor>,
  );

  nameNodes(nodes, names, prefix);
  if (typeof results !== 'object' || results === null) {
    throw new ShapeError(`trace: the network returned ${String(results)}, expected its outputs by name`);
  }
  const outputs = Object.entries<SymbolicTensor>(results).map(([name, value]) => {
    if (value?.recorder === recorder) return { name, value: (value as Place).ref };
    const got = value === undefined ? 'undefined' : 'no value of this graph';
    throw new ShapeError(`trace: output ${name} is ${got}, expected what operators made of the inputs`);
  });
  return deepFreeze({ inputs, parameters, nodes, outputs });
}

/** Index of a parameter, adding it on first use. The same name twice means the same tensor twice. */
function declare(parameters: Port[], name: string, shape: Shape): number {
  const known = parameters.findIndex((port) => port.name === name);
  if (known < 0) return parameters.push({ name, shape: [...shape] }) - 1;
  if (sameShape(parameters[known]!.shape, shape)) return known;
  const shapes = `${formatShape(parameters[known]!.shape)} and ${formatShape(shape)}`;
  throw new ParameterError(`parameter ${name} is used with two shapes, ${shapes}`);
}

/** Official names where given; the rest are counted in order of creation, as MXNet's name manager does. */
function nameNodes(
  nodes: { name: string; readonly operator: string }[],
  names: readonly (string | undefined)[],
  prefix: (operator: string) => string,
): void {
  const counts = new Map<string, number>();
  nodes.forEach((node, index) => {
    const given = names[index];
    if (given !== undefined) {
      node.name = given;
      return;
    }
    const start = prefix(node.operator);
    const count = counts.get(start) ?? 0;
    counts.set(start, count + 1);
    node.name = `${start}${count}`;
  });
}

function deepFreeze<T>(value: T): T {
  // What is no object counts as frozen.
  if (!Object.isFrozen(value)) Object.values(Object.freeze(value) as object).forEach(deepFreeze);
  return value;
}
