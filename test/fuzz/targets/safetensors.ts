/** Safetensors: read both ways, written again and read again. */
import {
  bytesSource,
  encodeSafetensors,
  openSafetensors,
  readSafetensors,
  type SafetensorsFile,
  type Tensor,
} from '../../../src/tensor/index.ts';
import { safetensorsSamples } from '../corpus.ts';
import type { Damage } from '../mutations.ts';
import { accepted, checkSame, checkTensor, demand, fileTarget, metered, type Target } from '../target.ts';

export async function safetensorsTarget(): Promise<Target<Damage>> {
  return fileTarget('safetensors', await safetensorsSamples(), {
    attempt: attemptSafetensors,
    // Numbers of 8 bits become 32 bits, and everything is read three times; the header becomes maps.
    allowance: (size) => 64e6 + 64 * size,
    isValid: () => true,
    shortRuns: 3000,
  });
}

async function attemptSafetensors(bytes: Uint8Array): Promise<boolean> {
  const { source, check } = metered(bytes);
  const atOnce = await accepted(() => readSafetensors(bytes, 'x'));
  const opened = await accepted(() => openSafetensors(source));
  const oneByOne = opened && (await accepted(() => readAll(opened)));
  check(1);
  demand(
    (atOnce === undefined) === (oneByOne === undefined),
    () => 'one way of reading accepts it, the other does not',
  );
  if (opened === undefined || atOnce === undefined || oneByOne === undefined) return false;
  demand(
    [...atOnce.keys()].join() === [...oneByOne.keys()].join(),
    () => 'the two ways of reading find other names',
  );
  for (const [name, tensor] of atOnce) {
    checkTensor(name, tensor);
    checkSame(name, tensor, oneByOne.get(name));
  }
  const again = readSafetensors(encodeSafetensors(atOnce, Object.fromEntries(opened.metadata)));
  demand(
    again.size === atOnce.size,
    () => `${again.size} tensors after writing again, before ${atOnce.size}`,
  );
  for (const [name, tensor] of again) checkSame(name, atOnce.get(name), tensor);
  const { metadata } = await openSafetensors(
    bytesSource(encodeSafetensors(new Map(), Object.fromEntries(opened.metadata)), 'metadata'),
  );
  demand(metadata.size === opened.metadata.size, () => 'metadata was lost by writing again');
  return true;
}

async function readAll(file: SafetensorsFile): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const name of file.tensors.keys()) tensors.set(name, await file.read(name));
  return tensors;
}
