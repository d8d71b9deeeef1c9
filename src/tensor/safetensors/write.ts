/**
 * Writing safetensors, byte for byte as the reference implementation does: tensors by falling alignment of their
 * element type, then by name; a header without blanks, padded with spaces to a multiple of 8.
 */
import { type ByteSink, concatenate } from '../byte-source.ts';
import { elementBits, encodeElements, type ElementType, elementTypeOf, elementTypes } from '../elements.ts';
import { FormatError } from '../errors.ts';
import { elementCount, formatShape, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { LARGEST_HEADER, PREFIX } from './header.ts';
import { quoted } from './json.ts';

/** What is written about a tensor before its bytes. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

/** A tensor to be written, whose bytes are asked for when their turn comes. */
export interface SafetensorsContent extends SafetensorsEntry {
  bytes(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Text to text. Written in this order. */
export type SafetensorsMetadata = Readonly<Record<string, string>> | ReadonlyMap<string, string>;

/** By code points, which is the order of the names' UTF-8 bytes (that of UTF-16 units differs). */
function compareNames(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1);
}

function byteLength({ name, type, shape }: SafetensorsEntry): number {
  const bytes = (elementCount(shape) * elementBits[type]) / 8;
  if (Number.isSafeInteger(bytes) && shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    return bytes;
  throw new FormatError(
    `safetensors: tensor ${quoted(name)} cannot be written, ${type} of ${formatShape(shape)} has no size in whole bytes`,
  );
}

/** Metadata as pairs. What is not text is refused, since readers refuse the whole file then. */
function metadataTexts(metadata: SafetensorsMetadata): (readonly [string, string])[] {
  const pairs = metadata instanceof Map ? [...metadata] : Object.entries(metadata);
  for (const [name, value] of pairs as (readonly [string, unknown])[]) {
    if (typeof value === 'string') continue;
    const got = value === null ? 'null' : typeof value;
    throw new FormatError(
      `safetensors: metadata ${quoted(name)} is ${got}, expected text; JSON.stringify it`,
    );
  }
  return pairs;
}

/** The header with the length before it, and the entries in the order of the data. */
function layout<E extends SafetensorsEntry>(
  entries: readonly E[],
  metadata: SafetensorsMetadata,
): { readonly head: Uint8Array; readonly ordered: readonly E[] } {
  const rank = ({ type }: SafetensorsEntry): number => elementTypes.indexOf(type);
  const ordered = entries.toSorted((a, b) => rank(b) - rank(a) || compareNames(a.name, b.name));
  const fields: string[] = [];
  const texts = metadataTexts(metadata);
  if (texts.length > 0) fields.push(`"__metadata__":${JSON.stringify(Object.fromEntries(texts))}`);
  let [offset, previous] = [0, ''];
  const names = new Set<string>(['__metadata__']);
  for (const entry of ordered) {
    const { name, type, shape } = entry;
    if (names.has(name)) {
      const why = name === '__metadata__' ? 'the name is reserved' : 'the name is used twice';
      throw new FormatError(`safetensors: tensor ${quoted(name)} cannot be written, ${why}`);
    }
    names.add(name);
    const end = offset + byteLength(entry);
    fields.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype: type, shape, data_offsets: [offset, end] })}`,
    );
    [offset, previous] = [end, name];
  }
  const text = new TextEncoder().encode(`{${fields.join(',')}}`);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > LARGEST_HEADER) {
    throw new FormatError(
      `safetensors: the header would have ${length} bytes (last tensor ${quoted(previous)}), at most ${LARGEST_HEADER} are allowed`,
    );
  }
  const head = new Uint8Array(PREFIX + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(text, PREFIX);
  return { head, ordered };
}

/**
 * Writes a safetensors file, one tensor after the other: never more than one is in memory because of this.
 *
 * @throws FormatError when a name is used twice, or a tensor gives more or fewer bytes than its shape needs
 * @example await writeSafetensors(sink, [...weights].map(([name, tensor]) => tensorContent(name, tensor)))
 */
export async function writeSafetensors(
  sink: ByteSink,
  contents: readonly SafetensorsContent[],
  metadata: SafetensorsMetadata = {},
): Promise<void> {
  const { head, ordered } = layout(contents, metadata);
  await sink.write(head);
  for (const content of ordered) {
    let written = 0;
    for await (const piece of content.bytes()) {
      await sink.write(piece);
      written += piece.length;
    }
    const needed = byteLength(content);
    if (written !== needed) {
      throw new FormatError(
        `safetensors: tensor ${quoted(content.name)} gave ${written} bytes, ${content.type} of ${formatShape(content.shape)} needs ${needed}`,
      );
    }
  }
}

/** A tensor in memory as something to write. */
export function tensorContent(name: string, source: Tensor): SafetensorsContent {
  return {
    name,
    type: elementTypeOf(source.dtype),
    shape: source.shape,
    bytes: () => [encodeElements(source.data)],
  };
}

/**
 * Tensors as the bytes of a safetensors file.
 *
 * @example encodeSafetensors(new Map([['weight', tensor([2], [1, 2])]]), { format: 'pt' })
 * @throws FormatError when a tensor is called `__metadata__`
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: SafetensorsMetadata = {},
): Uint8Array {
  const entries = Array.from(tensors, ([name, source]) => ({
    name,
    type: elementTypeOf(source.dtype),
    shape: source.shape,
    data: source.data,
  }));
  const { head, ordered } = layout(entries, metadata);
  return concatenate([head, ...ordered.map(({ data }) => encodeElements(data))]);
}
