/** What the converter's tests share: opening fixtures, small files by hand, damage. */
import { readFileSync } from 'node:fs';
import { openParams, type ParamsFile } from '../../weights-converter/index.ts';
import { bytesSource, type Shape, type Tensor, zeros } from '../../src/tensor/index.ts';
import { shared } from '../shared.ts';

export const narrow = 'goldens/networks/narrow';

/** A reference file with its name. */
export function load(path: string): Uint8Array {
  return new Uint8Array(readFileSync(shared(path)));
}

export async function openFixture(path: string): Promise<ParamsFile> {
  return openParams(bytesSource(load(path), path.split('/').at(-1)!));
}

/** Every array by name. */
export async function readAll(file: ParamsFile): Promise<Map<string, Tensor>> {
  const result = new Map<string, Tensor>();
  for (const entry of file.entries) result.set(entry.name, await file.read(entry));
  return result;
}

/** Zeros for every parameter of a network, by name. */
export function zeroCheckpoint(
  parameters: readonly { readonly name: string; readonly shape: Shape }[],
): Map<string, Tensor> {
  return new Map(parameters.map(({ name, shape }) => [name, zeros(shape)]));
}

/** Little-endian fields one after the other: `[4, 7]` is a 7 in four bytes; arrays of bytes as they are. */
export function pack(
  ...fields: (readonly [width: 4 | 8, value: number | bigint] | Uint8Array)[]
): Uint8Array {
  const bytes: number[] = [];
  for (const field of fields) {
    if (field instanceof Uint8Array) {
      for (const byte of field) bytes.push(byte);
      continue;
    }
    const view = new DataView(new ArrayBuffer(8));
    view.setBigInt64(0, BigInt.asIntN(64, BigInt(field[1])), true);
    for (let k = 0; k < field[0]; k++) bytes.push(view.getUint8(k));
  }
  return Uint8Array.from(bytes);
}

/** A list of one or more hand-made array records without names, or with. */
export function list(records: readonly Uint8Array[], names: readonly string[] = []): Uint8Array {
  const texts = names.map((name) => new TextEncoder().encode(name));
  return pack(
    [8, 0x112],
    [8, 0],
    [8, records.length],
    ...records,
    [8, names.length],
    ...texts.flatMap((text) => [[8, text.length] as const, text]),
  );
}

/** The bytes of float32 numbers. */
export function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
