/** MXNet `.params`: opened, every array read, written again and read again. */
import { concatenate } from '../../../src/tensor/byte-source.ts';
import { decodeElements, type Tensor } from '../../../src/tensor/index.ts';
import { encodeParams, openParams, type ParamsFile } from '../../../weights-converter/index.ts';
import { paramsSamples } from '../corpus.ts';
import type { Damage } from '../mutations.ts';
import { accepted, checkSame, checkTensor, demand, fileTarget, metered, type Target } from '../target.ts';

export async function paramsTarget(): Promise<Target<Damage>> {
  return fileTarget('params', await paramsSamples(), {
    attempt: attemptParams,
    // 8-bit numbers become 32-bit ones, and everything is read again; sparse arrays may take 64 MiB
    // whatever the size, of which the checks here make six copies.
    allowance: (size) => 512e6 + 64 * size,
    isValid: ({ name }) => /\.(?:params|v0)$/.test(name),
    shortRuns: 3000,
  });
}

async function attemptParams(bytes: Uint8Array): Promise<boolean> {
  const { source, check } = metered(bytes);
  const file = await accepted(() => openParams(source));
  check(2); // headers through a window, which large arrays push forward
  if (file === undefined) return false;
  demand(
    new Set(file.entries.map(({ name }) => name)).size === file.entries.length,
    () => 'two arrays have the same name',
  );
  const tensors = await accepted(() => readArrays(file));
  if (tensors === undefined) return false;
  check(4);
  await checkAgain(tensors);
  return true;
}

async function readArrays(file: ParamsFile): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const entry of file.entries) {
    file.bytes(entry); // asked for and never looked at, which must leave no promise behind that nobody hears of
    const tensor = await file.read(entry);
    checkTensor(entry.name, tensor);
    demand(
      tensor.shape.join() === entry.shape.join(),
      () => `${entry.name}: another shape than it was announced with`,
    );
    if (entry.storage !== 'dense') {
      const pieces: Uint8Array[] = [];
      for await (const piece of file.bytes(entry)) pieces.push(piece);
      const data = decodeElements(entry.type, concatenate(pieces), 'bytes');
      checkSame(entry.name, { ...tensor, data }, tensor);
    }
    tensors.set(entry.name, tensor);
  }
  return tensors;
}

async function checkAgain(tensors: ReadonlyMap<string, Tensor>): Promise<void> {
  const writable = [...tensors].filter(([, { shape }]) => shape.length > 0); // V2 has no scalars
  const { source } = metered(encodeParams(writable, 'v2'));
  const again = await openParams(source);
  demand(
    again.entries.length === writable.length,
    () => `${again.entries.length} arrays after writing again`,
  );
  for (const entry of again.entries) checkSame(entry.name, tensors.get(entry.name), await again.read(entry));
}
