/** Workers that die, threads that trap, plans and backends that are disposed of meanwhile: errors, and never a wait for nobody. */
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Plan } from '../../../src/backends/index.ts';
import { i32 } from '../../../src/backends/wasm/assembler/index.ts';
import { defineKernel, type Kernel, step } from '../../../src/backends/wasm/kernel.ts';
import { link } from '../../../src/backends/wasm/link.ts';
import { resetProgram } from '../../../src/backends/wasm/program.ts';
import { type WasmBackend, wasmBackend } from '../../../src/backends/wasm/index.ts';
import { workerTeam } from '../../../src/backends/wasm/worker-team.ts';
import { afterTicks } from './interruption.ts';
import { bits, chain, compileOn } from './networks.ts';
import { seenWorkers } from './seen-workers.ts';

const THREADS = 3;
const long = chain(150);
const short = chain(3);

/** Rejections that nobody handled, and warnings of Node. */
let complaints: unknown[] = [];
const note = (complaint: unknown): void => void complaints.push(complaint);

beforeEach(() => {
  complaints = [];
  process.on('unhandledRejection', note).on('warning', note);
});

afterEach(async () => {
  await new Promise((resolve) => void setTimeout(resolve, 0));
  process.off('unhandledRejection', note).off('warning', note);
  vi.restoreAllMocks();
  if (complaints.length > 0) throw new Error(`Node complains: ${complaints.join('; ')}`);
});

describe('a worker that dies', () => {
  let workers: Worker[];
  let backend: WasmBackend;
  beforeEach(async () => {
    workers = seenWorkers();
    backend = await wasmBackend({ threads: THREADS });
  });
  afterEach(() => backend.dispose());

  const kill = (thread: number): Promise<number> => workers[thread]!.terminate();

  test.each([0, 2])(
    'ends a run with an error, and the next run has new workers: thread %i',
    async (thread) => {
      const [plan, other] = [await compileOn(backend, long), await compileOn(backend, short)];
      const [expected, others] = [bits(await plan.run(long.feeds)), bits(await other.run(short.feeds))];
      afterTicks(2, () => void kill(thread));
      await expect(plan.run(long.feeds)).rejects.toThrow(/^wasm: a worker failed: it ended with code 1$/);
      expect(bits(await plan.run(long.feeds))).toEqual(expected);
      expect(bits(await other.run(short.feeds))).toEqual(others);
      expect(workers.length).toBe(2 * THREADS);
    },
  );

  test('lets the runs that wait behind go on with new workers', async () => {
    const [plan, other] = [await compileOn(backend, long), await compileOn(backend, short)];
    afterTicks(2, () => void kill(1));
    const [failed, waited] = await Promise.allSettled([plan.run(long.feeds), other.run(short.feeds)]);
    expect([failed.status, waited.status]).toEqual(['rejected', 'fulfilled']);
  });

  test('is replaced before the next run where nothing was running', async () => {
    const plan = await compileOn(backend, short);
    const expected = bits(await plan.run(short.feeds));
    await kill(0);
    expect(bits(await plan.run(short.feeds))).toEqual(expected);
  });

  test('ends an opening or closing of plans too, and then plans can be opened', async () => {
    const opening = compileOn(backend, short);
    void kill(2);
    const first = await opening.catch((error: unknown) => error);
    if (first instanceof Error) expect(first.message).toMatch(/^wasm: a worker failed/);
    const plan = await compileOn(backend, short);
    const expected = bits(await plan.run(short.feeds));
    plan.dispose();
    void workers.at(-1)!.terminate();
    const after = await compileOn(backend, short).catch(() => compileOn(backend, short));
    expect(bits(await after.run(short.feeds))).toEqual(expected);
  });

  test('is one of many: all of them can end, and nobody complains', async () => {
    const many = await wasmBackend({ threads: 16 });
    const [plan, other] = [await compileOn(many, long), await compileOn(many, short)];
    afterTicks(2, () => void workers[THREADS + 7]!.terminate());
    await expect(plan.run(long.feeds)).rejects.toThrow('a worker failed');
    expect(Object.keys(await other.run(short.feeds))).toEqual(['out']);
    many.dispose();
    await Promise.all(workers.slice(THREADS).map((worker) => worker.terminate()));
  });

  test('does not matter any more when the backend is disposed of', async () => {
    const plan = await compileOn(backend, short);
    backend.dispose();
    await Promise.all(workers.map((worker) => worker.terminate()));
    await expect(plan.run(short.feeds)).rejects.toThrow('the backend was disposed of');
    plan.dispose();
    backend.dispose();
    expect(workers.length).toBe(THREADS);
  });
});

describe('disposing', () => {
  let backend: WasmBackend;
  let plan: Plan;
  beforeEach(async () => {
    backend = await wasmBackend({ threads: THREADS });
    plan = await compileOn(backend, long);
  });
  afterEach(() => backend.dispose());

  test('of the backend ends a run with an error, and everything that waits behind it', async () => {
    afterTicks(2, () => backend.dispose());
    const all = [plan.run(long.feeds), plan.run(long.feeds), compileOn(backend, short)];
    for (const result of await Promise.allSettled(all)) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { message: 'wasm: the backend was disposed of' },
      });
    }
  });

  test('of a plan ends its runs with an error, and leaves other plans alone', async () => {
    const other = await compileOn(backend, short);
    const expected = bits(await other.run(short.feeds));
    afterTicks(2, () => plan.dispose());
    const all = [plan.run(long.feeds), plan.run(long.feeds)];
    for (const result of await Promise.allSettled(all)) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { message: 'wasm: this plan was disposed of' },
      });
    }
    expect(bits(await other.run(short.feeds))).toEqual(expected);
    plan.dispose();
  });

  test('of a plan ends a run that keeps values with an error', async () => {
    const keep = ['convolution2_output'];
    await plan.run(long.feeds, { keep });
    afterTicks(2, () => plan.dispose());
    await expect(plan.run(long.feeds, { keep })).rejects.toThrow('this plan was disposed of');
  });
});

describe('a thread that traps', () => {
  const fields = {} as const;
  const nothing: Kernel = defineKernel({ name: 'nothing', fields, write: () => {} });
  /** Whoever gets item 5 reads beyond the end of memory. */
  const trap: Kernel = defineKernel({
    name: 'trap',
    fields,
    write: (body, { item }) => body.if(i32.equal(item, 5), () => body.drop(i32.load(-4))),
  });

  test('ends the run with an error, frees those that wait for it, and the same workers run again', async () => {
    const workers = seenWorkers();
    const team = workerTeam(THREADS);
    const steps = [nothing, trap, nothing].map((kernel) => ({ node: 0, work: step(kernel, 100, {}) }));
    const lowered = { steps, preparations: [], constants: [], inputs: [], outputs: [], kernels: [] };
    const {
      module,
      memory,
      steps: table,
    } = await link(lowered, {
      relaxed: false,
      shared: true,
      allocate: (pages) => team.allocate(pages),
    });
    const program = await team.open(await WebAssembly.compile(module), memory);
    const all = { first: 0, end: 3 };
    for (const _ of [1, 2, 3]) {
      resetProgram(memory, table, all);
      await expect(program.run(all)).rejects.toThrow(/^wasm: a worker failed: .*out of bounds/);
      resetProgram(memory, table, all);
      await program.run({ first: 2, end: 3 });
    }
    expect(workers.length).toBe(THREADS);
    team.dispose();
  });
});
