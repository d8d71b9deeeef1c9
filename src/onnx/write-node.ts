/**
 * One node of our graph as ONNX nodes. The last of them has its name; what stands before it, and the numbers that are
 * needed besides, are called after it: `flow_grid/Div`, `flow_grid/pixels`.
 */
import type { Shape } from '../tensor/shape.ts';
import { encodeElements } from '../tensor/elements.ts';
import type { Call, Converter, OnnxAttributes } from './converter.ts';
import type { OnnxInitializer, OnnxNode } from './model.ts';

const INT64_BYTES = 8;

/** What is to be written. */
export interface NodeToWrite {
  readonly name: string;
  readonly attributes: object;
  readonly inputs: readonly string[];
  readonly inputShapes: readonly Shape[];
  /** Names that the outputs are to have; undefined for those that nobody reads. */
  readonly outputs: readonly (string | undefined)[];
  readonly outputShapes: readonly Shape[];
}

/** Names that are not taken yet, for what is added. */
export interface FreeNames {
  readonly ofNode: (wanted: string) => string;
  readonly ofValue: (wanted: string) => string;
}

export interface WrittenNode {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
}

export function writeNode(node: NodeToWrite, convert: Converter, free: FreeNames): WrittenNode {
  const emitted: Omit<OnnxNode, 'name'>[] = [];
  const initializers: OnnxInitializer[] = [];
  const emitMany = (
    type: string,
    inputs: readonly string[],
    count: number,
    attributes: OnnxAttributes = {},
  ): readonly string[] => {
    const outputs = Array.from({ length: count }, () => free.ofValue(`${node.name}/${type}`));
    emitted.push({ type, inputs, outputs, attributes });
    return outputs;
  };
  const constant = (what: string, rest: Omit<OnnxInitializer, 'name'>): string => {
    const name = free.ofValue(`${node.name}/${what}`);
    initializers.push({ name, ...rest });
    return name;
  };
  const call: Call = {
    inputs: node.inputs,
    inputShapes: node.inputShapes,
    outputShapes: node.outputShapes,
    attributes: node.attributes as never,
    emit: (type, inputs, attributes) => emitMany(type, inputs, 1, attributes)[0]!,
    emitMany,
    floats: (what, shape, values) =>
      constant(what, { shape, type: 'float32', data: encodeElements(Float32Array.from(values)) }),
    integers: (what, values) =>
      constant(what, { shape: [values.length], type: 'int64', data: encodeIntegers(values) }),
  };
  const made = convert(call);
  const results = typeof made === 'string' ? [made] : made;
  const nodes = withOutputNames(emitted, results, node.outputs);
  const last = nodes.length - 1;
  const named = nodes.map((each, k) => ({
    ...each,
    name: free.ofNode(k === last ? node.name : `${node.name}/${each.type}`),
  }));
  return { nodes: named, initializers };
}

/** A copy of a value under another name. */
export function identity(from: string, to: string): Omit<OnnxNode, 'name'> {
  return { type: 'Identity', inputs: [from], outputs: [to], attributes: {} };
}

/** Results get the names that they are to have; what has a name already, an input or a result given twice, is copied. */
function withOutputNames(
  emitted: readonly Omit<OnnxNode, 'name'>[],
  results: readonly string[],
  wanted: readonly (string | undefined)[],
): readonly Omit<OnnxNode, 'name'>[] {
  const own = new Set(emitted.flatMap(({ outputs }) => outputs));
  const renamed = new Map<string, string>();
  const copied: (readonly [from: string, to: string])[] = [];
  wanted.forEach((name, k) => {
    if (name === undefined) return;
    const made = results[k]!;
    if (own.has(made) && !renamed.has(made)) renamed.set(made, name);
    else copied.push([made, name]);
  });
  const rename = (value: string): string => renamed.get(value) ?? value;
  return [
    ...emitted.map((each) => ({
      ...each,
      inputs: each.inputs.map(rename),
      outputs: each.outputs.map(rename),
    })),
    ...copied.map(([from, to]) => identity(rename(from), to)),
  ];
}

function encodeIntegers(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(INT64_BYTES * values.length));
  values.forEach((value, k) => view.setBigInt64(INT64_BYTES * k, BigInt(value), true));
  return new Uint8Array(view.buffer);
}
