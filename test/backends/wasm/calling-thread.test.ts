/** One thread without workers: where memory cannot be shared, or workers cannot be started. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type WasmBackend, wasmBackend } from '../../../src/backends/wasm/index.ts';
import { expectInterruption } from './interruption.ts';
import { bits, chain, compileOn } from './networks.ts';
import { onlyWorker } from './seen-workers.ts';

const network = chain(4);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function withoutSharedMemory(): Promise<WasmBackend> {
  vi.stubGlobal('SharedArrayBuffer', undefined);
  return wasmBackend({ threads: 4 });
}

describe('where memory cannot be shared', () => {
  test('the calling thread computes the same bits, and the report says where and why', async () => {
    const workers = await wasmBackend({ threads: 3 });
    const expected = bits(await (await compileOn(workers, network)).run(network.feeds));
    workers.dispose();
    const backend = await withoutSharedMemory();
    expect([backend.mode, backend.threads]).toEqual(['calling thread', 1]);
    const plan = await compileOn(backend, network);
    expect(bits(await plan.run(network.feeds))).toEqual(expected);
    const { nodes, threads, notes } = plan.report();
    expect(threads).toBe(1);
    expect(notes!.at(-1)).toMatch(/^on the calling thread: memory cannot be shared here; .*Cross-Origin/);
    for (const { where, milliseconds } of nodes) {
      expect(where).toBe('calling thread');
      expect(milliseconds).toBeGreaterThan(0);
    }
    backend.dispose();
  });

  test('others run between nodes, and one of them cancels', async () => {
    const long = chain(150);
    const plan = await compileOn(await withoutSharedMemory(), long);
    const before = bits(await plan.run(long.feeds));
    await expectInterruption(plan, long.feeds);
    expect(bits(await plan.run(long.feeds))).toEqual(before);
    plan.dispose();
  });

  test('runs that are asked for at once are right, of one plan and of two', async () => {
    const backend = await withoutSharedMemory();
    const plans = [await compileOn(backend, network), await compileOn(backend, chain(7))];
    const both = [...plans, ...plans];
    const together = await Promise.all(both.map((plan) => plan.run(network.feeds)));
    for (const [k, plan] of both.entries()) {
      expect(bits(together[k]!)).toEqual(bits(await plan.run(network.feeds)));
    }
  });

  test('a run ends with an error when its plan or its backend is disposed of', async () => {
    const backend = await withoutSharedMemory();
    const long = chain(150);
    const [plan, other] = [await compileOn(backend, long), await compileOn(backend, long)];
    setImmediate(() => plan.dispose());
    await expect(plan.run(long.feeds)).rejects.toThrow('this plan was disposed of');
    await expect(plan.run(long.feeds)).rejects.toThrow('this plan was disposed of');
    setImmediate(() => backend.dispose());
    await expect(other.run(long.feeds)).rejects.toThrow('the backend was disposed of');
    await expect(compileOn(backend, network)).rejects.toThrow('the backend was disposed of');
  });
});

describe('where workers cannot be started', () => {
  test.each([
    ['because that throws', 'throw', 'no workers for you'],
    ['because they die at once', 'die', 'nothing runs here'],
  ] as const)('%s, the calling thread computes, and the report says why', async (_, how, reason) => {
    onlyWorker(how);
    const backend = await wasmBackend({ threads: 2 });
    const plan = await compileOn(backend, network);
    expect(Object.keys(await plan.run(network.feeds))).toEqual(['out']);
    expect(plan.report().notes!.at(-1)).toBe(`on the calling thread: workers cannot be started (${reason})`);
    backend.dispose();
  });
});
