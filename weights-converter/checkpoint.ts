/**
 * A checkpoint, whichever file it comes in: MXNet `.params` or safetensors. Names are the official ones without MXNet's
 * `arg:` and `aux:`, element types and shapes are known, numbers are not loaded until they are asked for.
 */
import type { ByteSource } from '../src/tensor/byte-source.ts';
import type { ElementType } from '../src/tensor/elements.ts';
import { FormatError } from '../src/tensor/errors.ts';
import { openSafetensors } from '../src/tensor/safetensors/index.ts';
import type { Shape } from '../src/tensor/shape.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { LIST_MAGIC, openParams, type ParamsFile } from './mxnet-params.ts';

/** An array of a checkpoint. */
export interface CheckpointEntry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  /** Whether MXNet stored it as auxiliary state: the moving statistics of batch norms. */
  readonly auxiliary: boolean;
  /** Loads it, in float32 or float64. */
  read(): Promise<Tensor>;
  /** The same at once, where the file can be read so. */
  readonly readNow?: () => Tensor;
  /** Its bytes as they are stored, in pieces. */
  bytes(): AsyncIterable<Uint8Array>;
}

export interface Checkpoint {
  readonly format: 'params' | 'safetensors';
  /** What messages call the file. */
  readonly name: string;
  /** By name, in file order. */
  readonly entries: ReadonlyMap<string, CheckpointEntry>;
  /** Of a safetensors file; empty for MXNet's, which have none. */
  readonly metadata: ReadonlyMap<string, string>;
  /** What is odd but no error. One sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Opens a checkpoint and looks at its headers. What kind of file it is shows in its first bytes.
 *
 * @throws FormatError when it is neither kind of file, or damaged
 */
export async function openCheckpoint(source: ByteSource): Promise<Checkpoint> {
  const format = checkpointFormat(await source.read(0, Math.min(9, source.size)));
  if (format === 'safetensors') return fromSafetensors(source);
  if (format === 'params') return fromParams(await openParams(source));
  const empty = source.size === 0 ? '; the file is empty' : '';
  throw new FormatError(`${source.name}: neither an MXNet parameter file nor safetensors${empty}`);
}

/** The kind of checkpoint that begins with these bytes (at least 9, or the whole file); undefined when it is none. */
export function checkpointFormat(start: Uint8Array): Checkpoint['format'] | undefined {
  if (start.length >= 9 && beginsAsSafetensors(start)) return 'safetensors';
  const zip = start[0] === 0x50 && start[1] === 0x4b; // openParams says what that means
  return zip || beginsAsParams(start) ? 'params' : undefined;
}

/** Eight bytes of length, then `{`, or a blank before it. A length may equal MXNet's magic number. */
function beginsAsSafetensors(start: Uint8Array): boolean {
  return '{ \t\r\n'.includes(String.fromCharCode(start[8]!));
}

function beginsAsParams(start: Uint8Array): boolean {
  return (
    start.length >= 8 &&
    start.every((byte, k) => k >= 8 || byte === (k < 2 ? [LIST_MAGIC & 0xff, LIST_MAGIC >> 8][k] : 0))
  );
}

async function fromSafetensors(source: ByteSource): Promise<Checkpoint> {
  const file = await openSafetensors(source);
  const entries = new Map<string, CheckpointEntry>();
  for (const [name, { type, shape }] of file.tensors) {
    entries.set(name, {
      name,
      type,
      shape,
      auxiliary: false,
      read: () => file.read(name),
      ...(file.readNow && { readNow: () => file.readNow!(name) }),
      bytes: () => file.bytes(name),
    });
  }
  return { format: 'safetensors', name: source.name, entries, metadata: file.metadata, warnings: [] };
}

/** Prefixes go when every array has one and no two names become the same; otherwise names stay as they are. */
function fromParams(file: ParamsFile): Checkpoint {
  const plain = new Set<string>();
  const prefixed = file.entries.filter(({ name }) => /^(?:arg|aux):/.test(name));
  for (const { name } of prefixed) plain.add(name.slice(4));
  const strip = prefixed.length === file.entries.length && plain.size === prefixed.length;
  const warnings = [...file.warnings];
  if (!strip && prefixed.length > 0) {
    warnings.push(
      `${file.name}: arg: and aux: are kept in the names, since without them names would be lost or confused`,
    );
  }
  const entries = new Map<string, CheckpointEntry>();
  for (const entry of file.entries) {
    const name = strip ? entry.name.slice(4) : entry.name;
    entries.set(name, {
      name,
      type: entry.type,
      shape: entry.shape,
      auxiliary: strip && entry.name.startsWith('aux:'),
      read: () => file.read(entry),
      bytes: () => file.bytes(entry),
    });
  }
  return { format: 'params', name: file.name, entries, metadata: new Map(), warnings };
}
