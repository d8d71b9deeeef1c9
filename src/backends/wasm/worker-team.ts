/**
 * A team of workers. When one dies, whatever was running fails with an error, and the next run gets new workers, which are
 * told of all programs.
 */
import { DffError } from '../../tensor/errors.ts';
import { type Crew, startCrew } from './crew.ts';
import { allocate, createSpares } from './memories.ts';
import type { StepRange } from './program.ts';
import { createQueue } from './queue.ts';
import { DISPOSED, PLAN_DISPOSED, type Team } from './team.ts';

export interface WorkerTeam extends Team {
  /** Starts the workers. Without it the first program does. */
  start(): Promise<void>;
}

/** What the team remembers of a program, to open it again in new workers. */
interface OpenProgram {
  readonly plan: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/**
 * Closed memory that workers may still hold, in bytes, before they are let go: they free nothing while they are idle. A
 * small memory counts as much as the engine can ill do without.
 */
const HELD = 2 ** 26;
const LEAST = 2 ** 20;

/** Workers that have been started, and started again where they died or were let go. */
export function workerTeam(threads: number): WorkerTeam {
  const programs = new Map<number, OpenProgram>();
  const spares = createSpares();
  let crew: Crew | undefined;
  let held = 0;
  let lastPlan = 0;
  let disposed = false;
  const inTurn = createQueue();

  /** The workers; new ones, to which all programs are known, where there are none. */
  const gather = async (): Promise<Crew> => {
    if (disposed) throw new DffError(DISPOSED);
    if (crew?.isAlive()) return crew;
    const made = (crew = startCrew(threads));
    held = 0;
    try {
      // Shared memory is sent along: where that is not possible, it is better known before there are plans.
      await made.tell({ kind: 'start', proof: new SharedArrayBuffer(4) });
      for (const program of programs.values()) await made.tell({ kind: 'open', ...program });
    } catch (error) {
      made.end(error instanceof DffError ? error : new DffError(String(error)));
      throw error;
    }
    return made;
  };

  /** Lets idle workers go, and with them what only they can reach. */
  const retire = (): void => {
    crew?.end(new DffError('wasm: these workers were let go'));
    crew = undefined; // Node keeps what an ended worker had for as long as anybody has the object that stood for it
  };

  const close = async ({ plan, memory }: OpenProgram): Promise<void> => {
    if (!crew?.isAlive()) return; // whoever died may not have stopped writing: the memory is nobody's
    held += Math.max(memory.buffer.byteLength, LEAST);
    if (held > HELD) retire();
    else await crew.tell({ kind: 'close', plan });
    spares.add(memory);
  };

  return {
    threads,
    where: 'workers',
    start: () => inTurn(async () => void (await gather())),
    async allocate(pages) {
      const spare = await inTurn(async () => {
        const found = spares.take(pages);
        if (found) await (await gather()).tell({ kind: 'clear', memory: found });
        return found;
      });
      return spare ?? allocate(pages, true, () => inTurn(async () => retire()));
    },
    open: (module, memory) =>
      inTurn(async () => {
        const program = { plan: ++lastPlan, module, memory };
        const there = await gather();
        try {
          await there.tell({ kind: 'open', ...program });
        } catch (error) {
          retire(); // some may have opened it
          throw error;
        }
        programs.set(program.plan, program);
        const run = async (steps: StepRange): Promise<void> => {
          if (!disposed && !programs.has(program.plan)) {
            throw new DffError(PLAN_DISPOSED);
          }
          return (await gather()).tell({ kind: 'run', plan: program.plan, ...steps }, memory);
        };
        return {
          run: (steps) => inTurn(() => run(steps)),
          close() {
            if (programs.delete(program.plan)) inTurn(() => close(program)).catch(() => {});
          },
        };
      }),
    dispose() {
      disposed = true;
      programs.clear();
      crew?.end(new DffError(DISPOSED));
      crew = undefined;
    },
  };
}
