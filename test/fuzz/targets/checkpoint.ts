/** Checkpoints of either format: opened, converted as they are, converted as a network, loaded. */
import { type MemorySink, memorySink, readSafetensors } from '../../../src/tensor/index.ts';
import {
  type CheckpointReport,
  convertCheckpoint,
  convertGeneric,
  loadCheckpoint,
  type LoadedCheckpoint,
  openCheckpoint,
} from '../../../weights-converter/index.ts';
import { nodeSha256 } from '../../../src/node/hash.ts';
import { checkpointSamples } from '../corpus.ts';
import type { Damage } from '../mutations.ts';
import { accepted, checkSame, checkTensor, demand, fileTarget, metered, type Target } from '../target.ts';

export async function checkpointTarget(): Promise<Target<Damage>> {
  return fileTarget('checkpoint', await checkpointSamples(), {
    attempt: attemptCheckpoint,
    // Converted twice and read three times.
    allowance: (size) => 512e6 + 128 * size,
    isValid: ({ name }) => /^(?:own|smallest|bare|narrow)/.test(name),
    shortRuns: 250,
  });
}

async function attemptCheckpoint(bytes: Uint8Array): Promise<boolean> {
  const { source, check } = metered(bytes);
  const checkpoint = await accepted(() => openCheckpoint(source));
  check(2);
  if (checkpoint === undefined) return false;
  const generic = memorySink();
  const report = await accepted(() => convertGeneric(source, generic, { hasher: nodeSha256() }));
  if (report === undefined) return false;
  const copy = await accepted(() => readSafetensors(generic.bytes(), 'copy'));
  for (const [name, entry] of checkpoint.entries) {
    const tensor = await accepted(() => entry.read());
    if (tensor === undefined) return false;
    checkTensor(name, tensor);
    if (copy !== undefined) checkSame(name, copy.get(name), tensor);
  }
  await attemptNetwork(bytes);
  return true;
}

/** As a network of the family, which few damaged files are; undefined when it is refused. */
export async function attemptNetwork(bytes: Uint8Array): Promise<LoadedCheckpoint | undefined> {
  const first = await attemptConversion(bytes);
  const loaded = await accepted(() => loadCheckpoint(metered(bytes).source));
  demand(
    (first === undefined) === (loaded === undefined),
    () => 'it can be loaded or converted, but not both',
  );
  if (first === undefined || loaded === undefined) return undefined;
  const result = first.sink.bytes();
  const again = await attemptConversion(result);
  demand(
    again !== undefined && Buffer.compare(again.sink.bytes(), result) === 0,
    () => 'converting what was converted changes it',
  );
  const reloaded = await loadCheckpoint(metered(result).source);
  for (const [name, tensor] of loaded.parameters) checkSame(name, reloaded.parameters.get(name), tensor);
  return loaded;
}

async function attemptConversion(
  bytes: Uint8Array,
): Promise<{ sink: MemorySink; report: CheckpointReport } | undefined> {
  const sink = memorySink();
  const report = await accepted(() =>
    convertCheckpoint(metered(bytes).source, sink, { hasher: nodeSha256() }),
  );
  return report && { sink, report };
}
