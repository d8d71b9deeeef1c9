/**
 * The program of a plan: a WebAssembly function that runs steps, written together with the kernels that they need.
 *
 *   run(first, end, thread, threads):
 *     wait until all threads are here
 *     for each step from first to end:
 *       while there are items that nobody has taken:  kernel(record, item, thread)
 *       wait until all threads are here
 *
 * Steps are entries of a table in memory, so that the code does not depend on where anything lies. Threads take items
 * from a common counter: whoever is slower takes fewer. Which thread computes an item changes no bit of it.
 */
import {
  atomics,
  type Body,
  f32,
  f64,
  i32,
  type Local,
  type ModuleWriter,
  type NumberType,
  type WasmFunction,
} from './assembler/index.ts';
import type { Fields, Kernel, KernelLocals } from './kernel.ts';

/** Consecutive entries of the table of steps. */
export interface StepRange {
  readonly first: number;
  readonly end: number;
}

/** Words at the beginning of memory, by byte address. */
export const control = {
  /** Threads that have arrived at the barrier. */
  arrived: 0,
  /** Barriers passed. */
  generation: 4,
  /** 0 go on, 1 cancelled, 2 a thread has died. Read by all after each barrier. */
  stop: 8,
  /** 1: stop after this step. Written from outside at any time. */
  cancel: 12,
  bytes: 64,
} as const;

/** A step in memory, by byte offset in its entry. */
export const entry = {
  kernel: 0,
  items: 4,
  record: 8,
  /** The next item that nobody has taken. */
  counter: 12,
  /** How long it took, in milliseconds. */
  time: 16,
  bytes: 24,
} as const;

/** Rounds of a barrier before a thread sleeps: some microseconds, shorter than falling asleep and waking. */
const SPINS = 3000;
/** Longest sleep, after which a thread looks whether another has died, in nanoseconds. */
const NAP = 100_000_000;

const runParameters = { first: 'i32', end: 'i32', thread: 'i32', threads: 'i32' } as const;

/** Writes `run` and exports it. @param steps address of the table of steps */
export function writeRun(module: ModuleWriter, steps: number, shared: boolean): void {
  const wait = shared ? barrierFunction(module) : undefined;
  const run = module.function('run', runParameters, (body, { first, end, thread, threads }) => {
    // Without this, what the others do before thread 0 wakes would be missing from the time of the first step.
    if (wait) body.perform(wait.call({ threads }));
    const before = body.let(module.now());
    body.for(first, end, 1, (index) => {
      body.if(atomics.load(control.stop), () => body.return());
      const at = body.let(i32.add(steps, i32.multiply(index, entry.bytes)));
      const kernel = body.let(i32.load(at, entry.kernel));
      const items = body.let(i32.load(at, entry.items));
      const record = body.let(i32.load(at, entry.record));
      const counter = i32.add(at, entry.counter);
      const item = body.let(atomics.add(counter, 1));
      body.while(i32.less(item, items), () => {
        body.perform(module.callTable(kernel, [record, item, thread]));
        body.set(item, atomics.add(counter, 1));
      });
      if (wait) body.perform(wait.call({ threads }));
      else stopIfCancelled(body);
      body.if(i32.isZero(thread), () => {
        const now = body.let(module.now());
        body.perform(f64.store(at, f64.subtract(now, before), entry.time));
        body.set(before, now);
      });
    });
  });
  module.export('run', run);
}

function stopIfCancelled(body: Body): void {
  body.if(atomics.load(control.cancel), () => body.perform(atomics.store(control.stop, 1)));
}

/**
 * Returns when all threads have called it. The last to arrive decides whether the run is cancelled, so that all threads
 * stop at the same step.
 */
function barrierFunction(module: ModuleWriter): WasmFunction<{ readonly threads: 'i32' }> {
  return module.function('barrier', { threads: 'i32' }, (body, { threads }) => {
    const generation = body.let(atomics.load(control.generation));
    body.if(
      i32.equal(i32.add(atomics.add(control.arrived, 1), 1), threads),
      () => {
        stopIfCancelled(body);
        body.perform(atomics.store(control.arrived, 0));
        body.drop(atomics.add(control.generation, 1));
        body.drop(atomics.notifyAll(control.generation));
      },
      () => {
        const waiting = i32.equal(atomics.load(control.generation), generation);
        const spins = body.let(i32.constant(SPINS));
        body.while(i32.and(waiting, i32.notEqual(spins, 0)), () => body.increase(spins, -1));
        const alive = i32.notEqual(atomics.load(control.stop), 2);
        body.while(i32.and(waiting, alive), () =>
          body.drop(atomics.wait(control.generation, generation, NAP)),
        );
      },
    );
  });
}

/** Writes a kernel as a function of (record, item, thread); its place in the table. */
export function writeKernel(module: ModuleWriter, kernel: Kernel): number {
  const parameters = { record: 'i32', item: 'i32', thread: 'i32' } as const;
  const written = module.function(kernel.name, parameters, (body, { record, item, thread }) => {
    const locals = Object.entries(kernel.fields).map(([name, type], k): [string, Local] => {
      return [name, body.let<NumberType>(type === 'f32' ? f32.load(record, 4 * k) : i32.load(record, 4 * k))];
    });
    const all = { ...Object.fromEntries(locals), item, thread } as KernelLocals<Fields>;
    kernel.write(body, all, module);
  });
  return module.tableIndex(written);
}

/** Clears the control words and the counters of steps, ahead of a run. @param table address of the table of steps */
export function resetProgram(memory: WebAssembly.Memory, table: number, { first, end }: StepRange): void {
  const words = new Int32Array(memory.buffer);
  words.fill(0, 0, control.bytes / 4);
  for (let step = first; step < end; step++) words[(table + step * entry.bytes + entry.counter) / 4] = 0;
}

/** How long each step took in the last run, in milliseconds. */
export function stepTimes(memory: WebAssembly.Memory, table: number, { first, end }: StepRange): number[] {
  const view = new DataView(memory.buffer);
  return Array.from({ length: end - first }, (_, k) =>
    view.getFloat64(table + (first + k) * entry.bytes + entry.time, true),
  );
}
