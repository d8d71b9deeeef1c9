/**
 * Protocol Buffers, the writing half, as far as ONNX needs it.
 *
 * A message is a row of fields, each a key (field number · 8 + wire type) and a value: whole numbers as varints (seven bits
 * a byte, low ones first), float32 as four bytes, and everything else as its length followed by its bytes. Lengths come
 * first, so a message knows how long it is before any of the large arrays in it is at hand: those are made when they are
 * written.
 */

/** Bytes whose number is known and which are made when they are wanted. */
export interface DeferredBytes {
  readonly byteLength: number;
  readonly make: () => Uint8Array;
}

export type Piece = Uint8Array | DeferredBytes;

/** A message, or fields of one. */
export interface Message {
  readonly byteLength: number;
  readonly pieces: readonly Piece[];
}

const [VARINT, LENGTH_DELIMITED, FOUR_BYTES] = [0, 2, 5];

/** Deferred bytes are of arrays; smaller pieces are joined until they have this length. */
const CHUNK = 1 << 16;

/** Fields one behind the other. */
export function message(...fields: readonly (Message | readonly Message[])[]): Message {
  const parts = fields.flat();
  return {
    byteLength: parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
    pieces: parts.flatMap(({ pieces }) => pieces),
  };
}

/** A whole number. Negative ones take ten bytes, as 64 bits in two's complement. */
export function integerField(field: number, value: number): Message {
  return piece(Uint8Array.from([...key(field, VARINT), ...varint(value)]));
}

export function floatField(field: number, value: number): Message {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return piece(Uint8Array.from([...key(field, FOUR_BYTES), ...bytes]));
}

export function textField(field: number, text: string): Message {
  return bytesField(field, new TextEncoder().encode(text));
}

export function bytesField(field: number, bytes: Piece): Message {
  return messageField(field, piece(bytes));
}

/** A message inside another. */
export function messageField(field: number, inner: Message): Message {
  const head = Uint8Array.from([...key(field, LENGTH_DELIMITED), ...varint(inner.byteLength)]);
  return message(piece(head), inner);
}

const piece = (bytes: Piece): Message => ({ byteLength: bytes.byteLength, pieces: [bytes] });

const key = (field: number, wireType: number): number[] => varint(field * 8 + wireType);

function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

/** The bytes of a message in order, small pieces joined. Arrays may share memory with what they were made of. */
export function* chunksOf({ pieces }: Message): Generator<Uint8Array, void> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for (const next of pieces) {
    const small = next instanceof Uint8Array && next.byteLength < CHUNK;
    if (length > 0 && (!small || length + next.byteLength > CHUNK)) {
      yield joined(waiting, length);
      [waiting, length] = [[], 0];
    }
    if (small) {
      waiting.push(next);
      length += next.byteLength;
    } else yield next instanceof Uint8Array ? next : next.make();
  }
  if (length > 0) yield joined(waiting, length);
}

/** Arrays as one, of this length in all. */
export function joined(parts: Iterable<Uint8Array>, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
