/** A team without workers: steps on the calling thread, with pauses between them for whoever else wants to run. */
import { DffError } from '../../tensor/errors.ts';
import { breather } from '../breathe.ts';
import { allocate } from './memories.ts';
import { control } from './program.ts';
import { DISPOSED, type Run, type Team } from './team.ts';

/** Longest time in which the calling thread does nothing else, between two steps, in milliseconds. */
const BREATH = 20;

/** @param reason why there are no workers, for the report */
export function callingThread(reason: string): Team {
  let disposed = false;
  const check = (): void => {
    if (disposed) throw new DffError(DISPOSED);
  };
  return {
    threads: 1,
    where: 'calling thread',
    reason,
    allocate: (pages) => allocate(pages, false, async () => {}),
    async open(module, memory) {
      check();
      const env = { memory, now: () => performance.now() };
      const { exports } = await WebAssembly.instantiate(module, { env });
      const run = exports['run'] as Run;
      const words = new Int32Array(memory.buffer, 0, control.bytes / 4);
      return {
        async run({ first, end }) {
          const breathe = breather(BREATH);
          for (let step = first; step < end && words[control.cancel / 4] === 0; step++) {
            check();
            run(step, step + 1, 0, 1);
            await breathe();
          }
          check();
        },
        close() {},
      };
    },
    dispose() {
      disposed = true;
    },
  };
}
