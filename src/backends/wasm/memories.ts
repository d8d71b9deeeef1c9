/**
 * Memories of plans. Engines free a memory when nobody can reach it any more and they get round to looking, each thread
 * for itself. They do not count memory that is shared as a reason to look (V8), and browsers have room for about a
 * hundred of any size. So memory that was disposed of and is still there is used again, and when there is no more, all
 * workers are let go, which frees what only they can reach.
 */
import { DffError } from '../../tensor/errors.ts';

export const PAGE = 65536;
/** What 32-bit addresses reach. */
const LARGEST = 2 ** 32;

/** How long to wait, in milliseconds, before each further try to get memory that others are about to lose. */
const PATIENCE = [0, 10, 50, 100];

/** At most this many times as large as needed, beyond a few pages, may a memory be that is used again. */
const [WASTE, FEW] = [1.5, 64];

/**
 * @param release makes others lose what they hold
 * @throws DffError where there is not so much
 */
export async function allocate(
  pages: number,
  shared: boolean,
  release: () => Promise<void>,
): Promise<WebAssembly.Memory> {
  const megabytes = Math.ceil((pages * PAGE) / 2 ** 20);
  if (pages * PAGE > LARGEST) {
    throw new DffError(`wasm: the plan needs ${megabytes} MB, more than the 4096 MB that it can address`);
  }
  for (let attempt = 0; ; attempt++) {
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    } catch (error) {
      const pause = PATIENCE[attempt];
      if (pause === undefined) {
        const hint = 'dispose of other plans, or use smaller images or memory: low';
        throw new DffError(`wasm: ${megabytes} MB for the plan cannot be had; ${hint}`, { cause: error });
      }
      await release();
      await new Promise((resolve) => void setTimeout(resolve, pause));
    }
  }
}

/** Memories without an owner, as long as the engine has not freed them. */
export interface Spares {
  /** One that is large enough and not much too large. It holds whatever its last owner left. */
  take(pages: number): WebAssembly.Memory | undefined;
  /** Nobody must use this memory any more. */
  add(memory: WebAssembly.Memory): void;
}

export function createSpares(): Spares {
  let spares: readonly WeakRef<WebAssembly.Memory>[] = [];
  const size = (memory: WebAssembly.Memory): number => memory.buffer.byteLength / PAGE;
  return {
    take(pages) {
      const alive = spares.flatMap((reference) => reference.deref() ?? []);
      const fitting = alive
        .filter((memory) => size(memory) >= pages && size(memory) <= WASTE * pages + FEW)
        .sort((a, b) => size(a) - size(b))[0];
      spares = alive.filter((memory) => memory !== fitting).map((memory) => new WeakRef(memory));
      return fitting;
    },
    add(memory) {
      spares = [...spares, new WeakRef(memory)];
    },
  };
}
