/** A golden checkpoint as named parameters. */
import type { ParameterSource } from '../../src/graph/index.ts';
import type { Tensor } from '../../src/tensor/index.ts';
import { openFile } from '../../src/node/files.ts';
import { openParams } from '../../weights-converter/index.ts';

/**
 * The arrays of a `.params` file by official name, without `arg:` and `aux:`. For `test`, the box layer is the one with
 * the deviations multiplied in; for `train`, the normalised one.
 */
export async function readCheckpoint(path: string, use: 'test' | 'train'): Promise<ParameterSource> {
  await using source = await openFile(path);
  const file = await openParams(source);
  const tensors = new Map<string, Tensor>();
  for (const entry of file.entries)
    tensors.set((entry.name ?? '').replace(/^(arg|aux):/, ''), await file.read(entry));
  if (use === 'test') {
    for (const [name, value] of [...tensors])
      if (name.endsWith('_test')) tensors.set(name.slice(0, -5), value);
  }
  return tensors;
}
