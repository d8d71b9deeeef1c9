/** Models from files, for commands that use them. */
import type { Backend } from '../backends/index.ts';
import { type LoadedModel, loadModel } from '../dff/index.ts';
import { openFile } from '../node/index.ts';

/** Where weights are between two uses, see `loadModel`. */
type Weights = 'memory' | 'source';

/** A model whose file is open until it is disposed of. */
export async function openModel(path: string, weights: Weights): Promise<LoadedModel & AsyncDisposable> {
  const file = await openFile(path);
  const close = (): Promise<void> => Promise.resolve(file[Symbol.asyncDispose]());
  try {
    return { ...(await loadModel(file, { weights })), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Backends other than the reference make something of their own of the weights, once; the originals stay in the file. */
export function weightsFor({ name }: Backend): Weights {
  return name === 'reference' ? 'memory' : 'source';
}
