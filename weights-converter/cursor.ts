/**
 * Reading a file from front to back, one field at a time, without holding more of it than a small window. Every
 * field is checked against what is left of the file before it is believed.
 */
import type { ByteSource } from '../src/tensor/byte-source.ts';
import { FormatError } from '../src/tensor/errors.ts';

export interface Cursor {
  /** Byte of the file that is read next. */
  readonly position: number;
  readonly remaining: number;
  /** What the next field belongs to, for messages: `array 3`. */
  within: string;
  uint32(what: string): Promise<number>;
  int32(what: string): Promise<number>;
  /** Not exact beyond 2^53, where no length or size of a file can be. */
  uint64(what: string): Promise<number>;
  int64(what: string): Promise<number>;
  bytes(length: number, what: string): Promise<Uint8Array>;
  /** Passes over data without reading it. */
  skip(length: number, what: string): void;
  error(what: string): FormatError;
}

/** Bytes read at once. */
const WINDOW = 1 << 14;

/** @param start byte to begin at */
export function cursor(source: ByteSource, start = 0): Cursor {
  let position = start;
  let window: Uint8Array = new Uint8Array(0);
  let windowStart = 0;

  const need = (length: number, what: string): void => {
    if (length <= source.size - position) return;
    throw result.error(
      `the file is cut off: ${what} needs ${length} bytes, ${source.size - position} are left`,
    );
  };
  const field = async (length: number, what: string): Promise<DataView> => {
    const bytes = await result.bytes(length, what);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  };
  const result: Cursor = {
    get position() {
      return position;
    },
    get remaining() {
      return source.size - position;
    },
    within: 'file header',
    uint32: async (what) => (await field(4, what)).getUint32(0, true),
    int32: async (what) => (await field(4, what)).getInt32(0, true),
    uint64: async (what) => Number((await field(8, what)).getBigUint64(0, true)),
    int64: async (what) => Number((await field(8, what)).getBigInt64(0, true)),
    async bytes(length, what) {
      need(length, what);
      if (position < windowStart || position + length > windowStart + window.length) {
        window = await source.read(position, Math.min(Math.max(length, WINDOW), source.size - position));
        windowStart = position;
      }
      const from = position - windowStart;
      position += length;
      return window.subarray(from, from + length);
    },
    skip(length, what) {
      need(length, what);
      position += length;
    },
    error: (what) => new FormatError(`${source.name}: ${result.within}, byte ${position}: ${what}`),
  };
  return result;
}
