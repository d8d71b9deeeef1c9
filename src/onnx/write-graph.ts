/**
 * Walks a graph and writes every node down in ONNX.
 *
 * Names   ONNX wants every value under a name of its own. Inputs keep theirs, then outputs, parameters and nodes; a name
 *         that is taken gets a number (`rois_output_1`). What a node needs besides its result is called after it:
 *         `flow_grid/pixels`, `flow_grid/Div`.
 */
import {
  type Graph,
  lookUp,
  type Node,
  type ParameterSource,
  type Port,
  references,
  shapeOf,
  type ValueRef,
  valueName,
} from '../graph/index.ts';
import { encodeElements } from '../tensor/elements.ts';
import { elementCount } from '../tensor/shape.ts';
import { cast } from '../tensor/tensor.ts';
import type { Call, Converter, OnnxAttributes } from './converter.ts';
import { keyOf, uniqueNames } from './names.ts';
import type { OnnxGraph, OnnxInitializer, OnnxNode, OnnxValue } from './model.ts';

const FLOAT32_BYTES = 4;
const INT64_BYTES = 8;

/**
 * The graph as ONNX has it. Every node must have a converter, and somebody who reads it.
 *
 * @param parameters looked up when their bytes are written
 */
export function writeGraph(
  graph: Graph,
  parameters: ParameterSource,
  converterOf: (operator: string) => Converter,
  name: string,
): OnnxGraph {
  const [nodes, initializers, inner]: [OnnxNode[], OnnxInitializer[], OnnxValue[]] = [[], [], []];
  const [valueNames, nodeNames] = [uniqueNames(), uniqueNames()];
  const names = new Map<string, string>();
  const inputs = graph.inputs.map((port, index): OnnxValue => {
    names.set(keyOf({ from: 'input', index }), valueNames(port.name));
    return port;
  });
  const outputs = nameOutputs(graph, names, valueNames);
  graph.parameters.forEach((port, index) => {
    const given = valueNames(port.name);
    names.set(keyOf({ from: 'parameter', index }), given);
    initializers.push(initializerOf(port, given, parameters));
  });
  const read = new Set(references(graph).map(keyOf));
  const copy = (from: string, to: string): void =>
    void nodes.push({ name: nodeNames(to), type: 'Identity', inputs: [from], outputs: [to], attributes: {} });

  graph.nodes.forEach((node, index) => {
    const results = node.outputs.map((_, output): string | undefined => {
      const key = keyOf({ from: 'node', index, output });
      if (!read.has(key)) return undefined;
      const known = names.get(key);
      if (known !== undefined) return known; // an output of the graph
      const given = valueNames(valueName(node, output));
      names.set(key, given);
      inner.push({ name: given, shape: node.shapes[output]! });
      return given;
    });
    const written = writeNode(graph, node, names, converterOf(node.operator), valueNames, nodeNames);
    const renamed = new Map<string, string>();
    const copies: (readonly [from: string, to: string])[] = [];
    results.forEach((result, output) => {
      const made = written.results[output]!;
      if (result === undefined) return;
      if (written.own.has(made) && !renamed.has(made)) renamed.set(made, result);
      else copies.push([made, result]);
    });
    const rename = (value: string): string => renamed.get(value) ?? value;
    for (const each of written.nodes) {
      nodes.push({ ...each, inputs: each.inputs.map(rename), outputs: each.outputs.map(rename) });
    }
    initializers.push(...written.initializers);
    for (const [from, to] of copies) copy(rename(from), to);
  });
  for (const { value, given } of outputs) {
    const made = names.get(keyOf(value))!;
    if (made !== given) copy(made, given);
  }
  return {
    name,
    nodes,
    initializers,
    inputs,
    outputs: outputs.map(({ value, given }) => ({ name: given, shape: shapeOf(graph, value) })),
    inner,
  };
}

/** A value that is an output has the output's name; one that is already called otherwise is copied. */
function nameOutputs(
  graph: Graph,
  names: Map<string, string>,
  valueNames: (wanted: string) => string,
): readonly { readonly value: ValueRef; readonly given: string }[] {
  return graph.outputs.map(({ name, value }) => {
    const key = keyOf(value);
    if (names.get(key) === name) return { value, given: name }; // an input that is passed through
    const given = valueNames(name);
    if (value.from === 'node' && !names.has(key)) names.set(key, given);
    return { value, given };
  });
}

function initializerOf({ name, shape }: Port, given: string, parameters: ParameterSource): OnnxInitializer {
  return {
    name: given,
    shape,
    type: 'float32',
    data: {
      byteLength: FLOAT32_BYTES * elementCount(shape),
      make: () => encodeElements(cast(lookUp(parameters, name, shape), 'float32').data),
    },
  };
}

interface WrittenNode {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  /** Names of the node's outputs, as far as the converter is concerned. */
  readonly results: readonly string[];
  /** Values that its ONNX nodes make, which may be renamed. */
  readonly own: ReadonlySet<string>;
}

/** What a converter makes of a node. The ONNX node that comes last has the name of ours. */
function writeNode(
  graph: Graph,
  node: Node,
  names: ReadonlyMap<string, string>,
  convert: Converter,
  valueNames: (wanted: string) => string,
  nodeNames: (wanted: string) => string,
): WrittenNode {
  const emitted: Omit<OnnxNode, 'name'>[] = [];
  const initializers: OnnxInitializer[] = [];
  const emitMany = (
    type: string,
    inputs: readonly string[],
    count: number,
    attributes: OnnxAttributes = {},
  ): readonly string[] => {
    const outputs = Array.from({ length: count }, () => valueNames(`${node.name}/${type}`));
    emitted.push({ type, inputs, outputs, attributes });
    return outputs;
  };
  const constant = (what: string, rest: Omit<OnnxInitializer, 'name'>): string => {
    const name = valueNames(`${node.name}/${what}`);
    initializers.push({ name, ...rest });
    return name;
  };
  const call: Call = {
    inputs: node.inputs.map((ref) => names.get(keyOf(ref))!),
    inputShapes: node.inputs.map((ref) => shapeOf(graph, ref)),
    outputShapes: node.shapes,
    attributes: node.attributes as never,
    emit: (type, inputs, attributes) => emitMany(type, inputs, 1, attributes)[0]!,
    emitMany,
    floats: (what, shape, values) =>
      constant(what, { shape, type: 'float32', data: encodeElements(Float32Array.from(values)) }),
    integers: (what, values) =>
      constant(what, { shape: [values.length], type: 'int64', data: encodeIntegers(values) }),
  };
  const made = convert(call);
  return {
    nodes: emitted.map((each, k) => ({
      ...each,
      name: nodeNames(k === emitted.length - 1 ? node.name : `${node.name}/${each.type}`),
    })),
    initializers,
    results: typeof made === 'string' ? [made] : made,
    own: new Set(emitted.flatMap(({ outputs }) => outputs)),
  };
}

function encodeIntegers(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(INT64_BYTES * values.length));
  values.forEach((value, k) => view.setBigInt64(INT64_BYTES * k, BigInt(value), true));
  return new Uint8Array(view.buffer);
}
