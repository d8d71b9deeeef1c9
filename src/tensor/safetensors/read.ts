/** Reading safetensors: by position from any source, or all at once from memory. */
import { type ByteSource, readChunks } from '../byte-source.ts';
import { decodeElements } from '../elements.ts';
import { ParameterError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import { headerLength, parseHeader, PREFIX, type SafetensorsHeader, type StoredTensor } from './header.ts';
import { quoted } from './json.ts';

export interface SafetensorsFile extends SafetensorsHeader {
  /** What messages call the file. */
  readonly name: string;
  /**
   * One tensor. F32 and F64 come as they are; F16, BF16, BOOL and integers of up to 16 bits as float32, wider
   * integers as float64.
   *
   * @throws ParameterError when there is no such tensor
   * @throws FormatError for element types without an exact form, and integers beyond 2^53
   */
  read(name: string): Promise<Tensor>;
  /** The same at once; absent where the source cannot. */
  readonly readNow?: (name: string) => Tensor;
  /** The stored bytes of one tensor in pieces, for passing them on. */
  bytes(name: string): AsyncIterable<Uint8Array>;
}

/**
 * Opens a safetensors file: reads and checks its header, nothing else.
 *
 * @example const file = await openSafetensors(bytesSource(bytes, 'model.safetensors'));
 * @throws FormatError when the file is not what the format demands
 */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  const prefix = await source.read(0, Math.min(PREFIX, source.size));
  const length = headerLength(prefix, source.size, source.name);
  const header = parseHeader(await source.read(PREFIX, length), source.size, source.name);
  const stored = (name: string): StoredTensor => {
    const found = header.tensors.get(name);
    if (!found) throw new ParameterError(`${source.name}: has no tensor ${quoted(name)}`);
    return found;
  };
  return {
    ...header,
    name: source.name,
    read: async (name) => {
      const found = stored(name);
      return decode(found, await source.read(found.offset, found.byteLength), source.name, name);
    },
    ...(source.readNow && {
      readNow: (name) => {
        const found = stored(name);
        return decode(found, source.readNow!(found.offset, found.byteLength), source.name, name);
      },
    }),
    bytes: (name) => readChunks(source, stored(name).offset, stored(name).byteLength),
  };
}

/**
 * All tensors of a safetensors file in memory, in the order of its header.
 *
 * @param name what messages call it
 * @throws FormatError as `openSafetensors` and `read` do
 */
export function readSafetensors(bytes: Uint8Array, name = 'safetensors'): Map<string, Tensor> {
  const length = headerLength(bytes, bytes.length, name);
  const { tensors } = parseHeader(bytes.subarray(PREFIX, PREFIX + length), bytes.length, name);
  const result = new Map<string, Tensor>();
  for (const [key, stored] of tensors) {
    const { offset, byteLength } = stored;
    result.set(key, decode(stored, bytes.subarray(offset, offset + byteLength), name, key));
  }
  return result;
}

function decode({ type, shape }: StoredTensor, bytes: Uint8Array, file: string, name: string): Tensor {
  const data = decodeElements(type, bytes, `${file}: tensor ${quoted(name)}`);
  return { shape, dtype: data instanceof Float32Array ? 'float32' : 'float64', data };
}
