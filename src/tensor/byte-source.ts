/**
 * Where bytes come from and where they go, without saying whether that is a file, a download or memory. Sources
 * are read by position, so that a header can be looked at without loading what it describes; sinks are written
 * from front to back. Files are in `src/node/files.ts`; nothing here needs Node.
 */
import { FormatError } from './errors.ts';

export interface ByteSource {
  /** Total number of bytes. */
  readonly size: number;
  /** What messages call it, e.g. the file name. */
  readonly name: string;
  /**
   * Exactly `length` bytes from `offset` on. The array may share memory with the source: do not write to it.
   *
   * @throws FormatError when the range reaches past the end
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The same at once, without waiting, where the source can. */
  readNow?(offset: number, length: number): Uint8Array;
}

export interface ByteSink {
  /** Appends bytes. They may be reused by the caller once the promise is fulfilled. */
  write(bytes: Uint8Array): Promise<void>;
}

/** A sink that keeps what it is given. */
export interface MemorySink extends ByteSink {
  /** Everything written so far, in one array. */
  bytes(): Uint8Array;
}

/** How much is read at once where data is only passed on. */
const CHUNK = 1 << 20;

/** Throws unless a range lies inside the source. */
export function checkRange(source: Pick<ByteSource, 'name' | 'size'>, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= source.size) return;
  throw new FormatError(
    `${source.name}: bytes ${offset} to ${offset + length} were asked for, the file has ${source.size}`,
  );
}

/** Bytes in memory as a source. They are not copied. */
export function bytesSource(bytes: Uint8Array, name: string): ByteSource {
  const source: ByteSource = {
    size: bytes.length,
    name,
    read: async (offset, length) => source.readNow!(offset, length),
    readNow: (offset, length) => {
      checkRange(source, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
  return source;
}

/** A browser's `File` or `Blob` as a source; only what is asked for is loaded. */
export function blobSource(blob: Blob, name: string): ByteSource {
  const source: ByteSource = {
    size: blob.size,
    name,
    read: async (offset, length) => {
      checkRange(source, offset, length);
      return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    },
  };
  return source;
}

/** A range of a source in pieces of at most a megabyte, in order. */
export async function* readChunks(
  source: ByteSource,
  offset: number,
  length: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  checkRange(source, offset, length);
  for (let done = 0; done < length; done += CHUNK) {
    yield await source.read(offset + done, Math.min(CHUNK, length - done));
  }
}

/** A sink in memory. */
export function memorySink(): MemorySink {
  const parts: Uint8Array[] = [];
  return {
    write: async (bytes) => void parts.push(bytes.slice()),
    bytes: () => concatenate(parts),
  };
}

/** Arrays of bytes, one after the other. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
