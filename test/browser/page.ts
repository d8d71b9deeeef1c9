/**
 * What a page is asked for in its address, it does once, and posts the answer to the server that it came from. The
 * server needs nothing of the page but this, so the same works under a policy that forbids evaluating code.
 */
import type { Answer } from '../../scripts/browser/server.ts';
import { detectClip, type Library } from './detect-clip.ts';

async function bytes(path: string): Promise<Uint8Array> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

const tasks: Readonly<Record<string, (library: Library) => Promise<unknown>>> = {
  detect: async (library) => detectClip(library, await bytes('/checkpoint')),
  gpu: async (library) => detectClip(library, await bytes('/checkpoint'), { backend: 'gpu' }),
  wasm: async (library) => detectClip(library, await bytes('/checkpoint'), { backend: 'wasm' }),
  decode: async ({ main }) => {
    const { width, height, data } = await main.dff.decodeImage(await bytes('/jpeg'));
    return { width, height, data: [...data] };
  },
};

/** Called by the bundle's entry with the package that was bundled. */
export async function answer(library: Library): Promise<void> {
  const task = new URLSearchParams(location.search).get('task') ?? '';
  let answered: Answer;
  try {
    answered = { result: await tasks[task]!(library) };
  } catch (error) {
    answered = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  await fetch('/answer', { method: 'POST', body: JSON.stringify(answered) });
}
