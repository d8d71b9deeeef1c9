/**
 * Inner values of every frame in one safetensors file, named `frame000012/conv1_output`. The header of safetensors
 * comes first and tells all sizes, which are known last: values wait in a temporary file beside the target.
 */
import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { openFile, writeAtomically } from '../../node/index.ts';
import {
  type ByteSource,
  encodeElements,
  readChunks,
  type SafetensorsContent,
  type Tensor,
  writeSafetensors,
} from '../../tensor/index.ts';
import type { Output } from './outputs.ts';

/** A value in the temporary file. */
interface Spilled extends Omit<SafetensorsContent, 'bytes'> {
  readonly offset: number;
  readonly byteLength: number;
}

/** @param metadata goes into the file as it is */
export function dumpOutput(path: string, metadata: Readonly<Record<string, string>>): Output {
  return (work) =>
    writeAtomically(path, (sink) =>
      withSpill(path, async (spill) => {
        const values: Spilled[] = [];
        await work(async ({ index, kept }) => {
          for (const [name, value] of Object.entries(kept)) {
            values.push(await spill.append(`frame${String(index).padStart(6, '0')}/${name}`, value));
          }
        });
        const source = await spill.source();
        const contents = values.map(({ name, type, shape, offset, byteLength }) => ({
          name,
          type,
          shape,
          bytes: () => readChunks(source, offset, byteLength),
        }));
        await writeSafetensors(sink, contents, metadata);
      }),
    );
}

interface Spill {
  append(name: string, value: Tensor): Promise<Spilled>;
  /** What was appended so far. */
  source(): Promise<ByteSource>;
}

/** A temporary file that is gone when `use` is done, however it ends. */
async function withSpill<T>(path: string, use: (spill: Spill) => Promise<T>): Promise<T> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.values`;
  const handle = await open(temporary, 'wx');
  let offset = 0;
  let reader: (ByteSource & AsyncDisposable) | undefined;
  try {
    return await use({
      async append(name, { shape, dtype, data }) {
        const bytes = encodeElements(data);
        await handle.writeFile(bytes);
        const place = { offset, byteLength: bytes.length };
        offset += bytes.length;
        return { name, type: dtype === 'float32' ? 'F32' : 'F64', shape, ...place };
      },
      source: async () => (reader ??= await openFile(temporary)),
    });
  } finally {
    await reader?.[Symbol.asyncDispose]();
    await handle.close();
    await rm(temporary, { force: true });
  }
}
