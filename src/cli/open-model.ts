/** Models from files, for commands that run them. */
import type { Backend } from '../backends/index.ts';
import { type LoadedModel, loadModel } from '../dff/index.ts';
import { openFile } from '../node/index.ts';

/**
 * A model whose file is open until it is disposed of. Backends other than the reference make something of their own of
 * the weights, once; for them the originals stay in the file.
 */
export async function openModel(path: string, backend: Backend): Promise<LoadedModel & AsyncDisposable> {
  const file = await openFile(path);
  const close = (): Promise<void> => Promise.resolve(file[Symbol.asyncDispose]());
  try {
    const weights = backend.name === 'reference' ? 'memory' : 'source';
    return { ...(await loadModel(file, { weights })), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
