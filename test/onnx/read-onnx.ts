/**
 * A reader of ONNX files, written from the format's description alone and sharing nothing with the writer: it walks
 * over every byte and complains about what it does not know.
 */

/** What a field holds: a number for varints, its bytes for everything with a length. */
interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** The fields of a message, in order. */
export function fieldsOf(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
      if (shift > 63n) throw new Error('a varint does not end');
    }
  };
  const fields: Field[] = [];
  while (at < bytes.length) {
    const key = varint();
    const [number, wireType] = [Math.floor(key / 8), key % 8];
    if (wireType === 0) fields.push({ number, value: varint() });
    else if (wireType === 5) {
      fields.push({ number, value: view.getFloat32(at, true) });
      at += 4;
    } else if (wireType === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new Error(`field ${number} reaches past the end`);
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    } else throw new Error(`field ${number} has wire type ${wireType}`);
  }
  return fields;
}

/** Fields by number; others than the known ones are an error. */
function message(bytes: Uint8Array, known: readonly number[]): (number: number) => Field['value'][] {
  const fields = fieldsOf(bytes);
  const odd = fields.find(({ number }) => !known.includes(number));
  if (odd) throw new Error(`field ${odd.number} is not expected, only ${known.join()}`);
  return (number) => fields.filter((field) => field.number === number).map(({ value }) => value);
}

const text = (value: Field['value'] | undefined): string => new TextDecoder().decode(value as Uint8Array);

export interface ReadNode {
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>;
}

export interface ReadArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** 1 is float32, 7 is int64. */
  readonly type: number;
  readonly values: readonly number[];
}

export interface ReadValue {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly number[];
}

export interface ModelFacts {
  readonly irVersion: number;
  readonly opset: number;
  readonly producer: string;
  readonly name: string;
  readonly nodes: readonly ReadNode[];
  readonly initializers: readonly ReadArray[];
  readonly inputs: readonly ReadValue[];
  readonly outputs: readonly ReadValue[];
  readonly inner: readonly ReadValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Everything in a model. */
export function modelFacts(bytes: Uint8Array): ModelFacts {
  const model = message(bytes, [1, 2, 7, 8, 14]);
  const opset = message(model(8)[0] as Uint8Array, [1, 2]);
  const graph = message(model(7)[0] as Uint8Array, [1, 2, 5, 11, 12, 13]);
  const list = <T>(number: number, read: (bytes: Uint8Array) => T): T[] =>
    graph(number).map((value) => read(value as Uint8Array));
  const metadata = model(14).map((entry) => {
    const pair = message(entry as Uint8Array, [1, 2]);
    return [text(pair(1)[0]), text(pair(2)[0])] as const;
  });
  return {
    irVersion: model(1)[0] as number,
    opset: opset(2)[0] as number,
    producer: text(model(2)[0]),
    name: text(graph(2)[0]),
    nodes: list(1, readNode),
    initializers: list(5, readArray),
    inputs: list(11, readValue),
    outputs: list(12, readValue),
    inner: list(13, readValue),
    metadata: Object.fromEntries(metadata),
  };
}

function readNode(bytes: Uint8Array): ReadNode {
  const node = message(bytes, [1, 2, 3, 4, 5]);
  return {
    inputs: node(1).map(text),
    outputs: node(2).map(text),
    name: text(node(3)[0]),
    type: text(node(4)[0]),
    attributes: Object.fromEntries(node(5).map((value) => readAttribute(value as Uint8Array))),
  };
}

function readAttribute(bytes: Uint8Array): readonly [string, number | string | readonly number[]] {
  const attribute = message(bytes, [1, 2, 3, 4, 5, 8, 20]);
  const name = text(attribute(1)[0]);
  const type = attribute(20)[0] as number;
  if (type === 1 || type === 2) return [name, attribute(type === 1 ? 2 : 3)[0] as number];
  if (type === 3) return [name, text(attribute(4)[0])];
  if (type === 7) return [name, attribute(8) as number[]];
  const tensor = message(attribute(5)[0] as Uint8Array, [1, 2, 4]);
  return [name, tensor(4)[0] as number];
}

function readArray(bytes: Uint8Array): ReadArray {
  const array = message(bytes, [1, 2, 8, 9]);
  const raw = (array(9)[0] as Uint8Array).slice();
  const type = array(2)[0] as number;
  const view = new DataView(raw.buffer);
  const values =
    type === 1
      ? Array.from({ length: raw.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
      : Array.from({ length: raw.length / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  return { name: text(array(8)[0]), shape: array(1) as number[], type, values };
}

function readValue(bytes: Uint8Array): ReadValue {
  const value = message(bytes, [1, 2]);
  const type = message(message(value(2)[0] as Uint8Array, [1])(1)[0] as Uint8Array, [1, 2]);
  const dimensions = message(type(2)[0] as Uint8Array, [1])(1);
  return {
    name: text(value(1)[0]),
    type: type(1)[0] as number,
    shape: dimensions.map((dimension) => message(dimension as Uint8Array, [1])(1)[0] as number),
  };
}
