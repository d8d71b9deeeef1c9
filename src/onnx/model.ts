/**
 * The messages of ONNX: a model holds a graph, a graph holds nodes, initializers (arrays known from the start) and the
 * types of its values. Field numbers are those of `onnx.proto`; fields that are not needed are left out.
 *
 * Opset 16 is the first with GridSample, and IR version 8 the one that came with it: older readers refuse the file,
 * all later ones accept it.
 */
import type { Shape } from '../tensor/shape.ts';
import {
  bytesField,
  type DeferredBytes,
  floatField,
  integerField,
  type Message,
  message,
  messageField,
  type Piece,
  textField,
} from './protobuf.ts';

export const OPSET = 16;
const IR_VERSION = 8;
const PRODUCER = 'deep-feature-flow';

/** An attribute of an ONNX node. Whole and other numbers are different things there. */
export type OnnxAttribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  /** A tensor of a single float32. */
  | { readonly fill: number };

export interface OnnxNode {
  readonly name: string;
  /** `Conv`, `Relu`, ... */
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A float32 value that comes from outside, leaves the graph, or lives in between. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: Shape;
}

/** An array that is stored in the model. */
export interface OnnxInitializer extends OnnxValue {
  readonly type: 'float32' | 'int64';
  /** Little-endian. */
  readonly data: Uint8Array | DeferredBytes;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Shapes of values in between, for who looks at the model. */
  readonly inner: readonly OnnxValue[];
}

/** Codes of element types. */
const elementCodes = { float32: 1, int64: 7 } as const;
/** Codes of attribute types. */
const [FLOAT, INT, TEXT, TENSOR, INTS] = [1, 2, 3, 4, 7];

/** The whole file. */
export function modelMessage(graph: OnnxGraph, metadata: Readonly<Record<string, string>>): Message {
  const operators = message(textField(1, ''), integerField(2, OPSET));
  return message(
    integerField(1, IR_VERSION),
    textField(2, PRODUCER),
    messageField(7, graphMessage(graph)),
    messageField(8, operators),
    Object.entries(metadata).map(([name, value]) =>
      messageField(14, message(textField(1, name), textField(2, value))),
    ),
  );
}

function graphMessage({ name, nodes, initializers, inputs, outputs, inner }: OnnxGraph): Message {
  return message(
    nodes.map((node) => messageField(1, nodeMessage(node))),
    textField(2, name),
    initializers.map((initializer) => messageField(5, tensorMessage(initializer))),
    inputs.map((value) => messageField(11, valueMessage(value))),
    outputs.map((value) => messageField(12, valueMessage(value))),
    inner.map((value) => messageField(13, valueMessage(value))),
  );
}

function nodeMessage({ name, type, inputs, outputs, attributes }: OnnxNode): Message {
  return message(
    inputs.map((input) => textField(1, input)),
    outputs.map((output) => textField(2, output)),
    textField(3, name),
    textField(4, type),
    Object.entries(attributes).map(([key, value]) => messageField(5, attributeMessage(key, value))),
  );
}

function attributeMessage(name: string, value: OnnxAttribute): Message {
  const typed = (type: number, ...content: readonly (Message | readonly Message[])[]): Message =>
    message(textField(1, name), ...content, integerField(20, type));
  if ('float' in value) return typed(FLOAT, floatField(2, value.float));
  if ('int' in value) return typed(INT, integerField(3, value.int));
  if ('text' in value) return typed(TEXT, textField(4, value.text));
  if ('fill' in value) return typed(TENSOR, messageField(5, fillMessage(value.fill)));
  const { ints } = value;
  return typed(
    INTS,
    ints.map((int) => integerField(8, int)),
  );
}

/** A tensor of one element without a name. */
function fillMessage(value: number): Message {
  return message(integerField(1, 1), integerField(2, elementCodes.float32), floatField(4, value));
}

function tensorMessage({ name, shape, type, data }: OnnxInitializer): Message {
  const raw: Piece = data;
  return message(
    shape.map((size) => integerField(1, size)),
    integerField(2, elementCodes[type]),
    textField(8, name),
    bytesField(9, raw),
  );
}

function valueMessage({ name, shape }: OnnxValue): Message {
  const dimensions = shape.map((size) => messageField(1, integerField(1, size)));
  const tensor = message(integerField(1, elementCodes.float32), messageField(2, message(dimensions)));
  return message(textField(1, name), messageField(2, messageField(1, tensor)));
}
