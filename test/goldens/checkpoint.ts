/** A golden checkpoint as named parameters. */
import type { ParameterSource } from '../../src/graph/index.ts';
import { openFile } from '../../src/node/files.ts';
import { loadCheckpoint } from '../../weights-converter/index.ts';

/** For `test`, the box layer is the one with the deviations multiplied in; for `train`, the normalised one. */
export async function readCheckpoint(path: string, use: 'test' | 'train'): Promise<ParameterSource> {
  const source = await openFile(path);
  try {
    return (await loadCheckpoint(source, { use })).parameters;
  } finally {
    await source[Symbol.asyncDispose]();
  }
}
