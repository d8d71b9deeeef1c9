/**
 * The header of a safetensors file: a 64-bit length N, N bytes of JSON, then the data. Every rule of the format is
 * checked here, so that the rest may believe what it gets; where the reference implementation is lenient but the
 * format text is not (a tensor named twice) we follow the text, and fields we do not know are refused.
 */
import { elementBits, type ElementType } from '../elements.ts';
import { FormatError } from '../errors.ts';
import { formatShape, type Shape } from '../shape.ts';
import { type JsonReader, jsonReader, quoted } from './json.ts';

/** Headers above this are refused, by the reference implementation too. */
export const LARGEST_HEADER = 100_000_000;

/** Sizes of more bits than this overflow in the reference implementation. */
const LARGEST_PRODUCT = 2 ** 64;

/** Bytes before the header: its length. */
export const PREFIX = 8;

/** How a tensor lies in the file. */
export interface StoredTensor {
  readonly type: ElementType;
  readonly shape: Shape;
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  /** Text to text, in file order. Empty when the file has none. */
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of the header, which need not be that of the data. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * The length of the header, from the first 8 bytes of a file.
 *
 * @throws FormatError when the file is too short for what it says, or the header too long
 */
export function headerLength(prefix: Uint8Array, fileSize: number, name: string): number {
  if (fileSize < PREFIX) {
    throw new FormatError(`${name}: not a safetensors file, it has ${fileSize} bytes, expected at least 8`);
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX).getBigUint64(0, true);
  if (length > LARGEST_HEADER) {
    throw new FormatError(
      `${name}: not a safetensors file, its header would have ${length} bytes, at most ${LARGEST_HEADER} are allowed`,
    );
  }
  if (PREFIX + Number(length) > fileSize) {
    throw new FormatError(
      `${name}: the header should have ${length} bytes but the file ends after ${fileSize - PREFIX}`,
    );
  }
  return Number(length);
}

/**
 * Reads and checks a header.
 *
 * @param bytes the JSON, without the length before it
 * @throws FormatError for anything that the format does not allow
 */
export function parseHeader(bytes: Uint8Array, fileSize: number, name: string): SafetensorsHeader {
  const reader = jsonReader(decodeText(bytes, name), `${name}: safetensors header`);
  const metadata = new Map<string, string>();
  const tensors = new Map<string, StoredTensor>();
  const dataStart = PREFIX + bytes.length;
  reader.object((key) => {
    if (key !== '__metadata__') tensors.set(key, tensorEntry(reader, key, dataStart));
    else if (!reader.taken('null')) reader.object((field) => metadata.set(field, reader.string()));
  });
  reader.end();
  checkRanges(tensors, dataStart, fileSize, name);
  return { metadata, tensors };
}

function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError(`${name}: the safetensors header is not valid UTF-8`);
  }
}

/** One tensor: `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`, the fields in any order. */
function tensorEntry(reader: JsonReader, name: string, dataStart: number): StoredTensor {
  let type: string | undefined;
  let shape: number[] | undefined;
  let range: number[] | undefined;
  reader.object((field) => {
    if (field === 'dtype') type = reader.string();
    else if (field === 'shape') shape = reader.integers();
    else if (field === 'data_offsets') range = reader.integers();
    else throw reader.error(`tensor ${quoted(name)} has an unknown field ${quoted(field)}`);
  });
  if (type === undefined || shape === undefined || range === undefined) {
    const missing = type === undefined ? 'dtype' : shape === undefined ? 'shape' : 'data_offsets';
    throw reader.error(`tensor ${quoted(name)} has no ${missing}`);
  }
  if (!isElementType(type)) throw reader.error(`tensor ${quoted(name)} has an unknown dtype ${quoted(type)}`);
  const [begin, end] = range;
  if (begin === undefined || end === undefined || range.length !== 2) {
    throw reader.error(`tensor ${quoted(name)} has ${range.length} data_offsets, expected 2`);
  }
  return { type, shape, offset: dataStart + begin, byteLength: end - begin };
}

function isElementType(type: string): type is ElementType {
  return Object.hasOwn(elementBits, type);
}

/** Laid end to end, the tensors must fill the data without gap, overlap or rest. */
function checkRanges(
  tensors: ReadonlyMap<string, StoredTensor>,
  dataStart: number,
  fileSize: number,
  name: string,
): void {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength);
  let cursor = dataStart;
  for (const [key, { type, shape, offset, byteLength }] of inOrder) {
    const where = `${name}: tensor ${quoted(key)}`;
    const begin = offset - dataStart;
    if (byteLength < 0) {
      throw new FormatError(
        `${where} begins at byte ${begin} of the data and ends before, at ${begin + byteLength}`,
      );
    }
    if (offset !== cursor) {
      throw new FormatError(
        `${where} begins at byte ${begin} of the data, expected ${cursor - dataStart}; there is a gap or an overlap`,
      );
    }
    const needed = storedBytes(type, shape);
    if (needed !== byteLength) {
      const size = Number.isInteger(needed) ? `${needed} bytes` : 'another number of bytes';
      throw new FormatError(
        `${where} has ${byteLength} bytes, a ${type} of ${formatShape(shape)} needs ${size}`,
      );
    }
    cursor += byteLength;
  }
  if (cursor !== fileSize) {
    throw new FormatError(
      `${name}: the tensors end at byte ${cursor} but the file has ${fileSize}; it is cut off or has something appended`,
    );
  }
}

/**
 * Bytes of a tensor: a fraction where elements below a byte do not fill whole ones, Infinity as soon as the product
 * of sizes so far exceeds 64 bits. Sizes are multiplied from the left, as in the reference implementation, so a 0 helps
 * only if it comes before that.
 */
function storedBytes(type: ElementType, shape: Shape): number {
  let bits: number = elementBits[type];
  for (const size of shape) {
    bits *= size;
    if (bits >= LARGEST_PRODUCT) return Infinity;
  }
  return bits / 8;
}
