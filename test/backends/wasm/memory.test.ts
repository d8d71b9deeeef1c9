/** Memory: what is disposed of is used again or freed, what cannot be had is an error, and runs leave nothing behind. */
import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type WasmBackend, wasmBackend } from '../../../src/backends/wasm/index.ts';
import { type Graph, trace } from '../../../src/graph/index.ts';
import { relu, sliceAxis, tile } from '../../../src/ops/index.ts';
import { type Tensor, zeros } from '../../../src/tensor/index.ts';
import { bits, chain, compileOn } from './networks.ts';

const MB = 2 ** 20;
const ROW = 1024;
const RUNS = 1000;

/** A graph whose plan needs so many megabytes, though little goes in and comes out. */
function large(megabytes: number): Graph {
  const rows = Math.floor((megabytes * MB) / 4 / 2 / ROW);
  return trace(
    (_, { x }) => ({
      out: sliceAxis(relu(tile(x, { reps: [rows, 1] })), { axis: 0, begin: rows - 1, end: rows }),
    }),
    { x: [1, ROW] },
  );
}

const x: Tensor = zeros([1, ROW]);

/** What this process really occupies. */
const resident = (): number => process.memoryUsage.rss() / MB;

/** Twice, because what was found the first time is swept up in the background. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  await new Promise((resolve) => void setTimeout(resolve, 50));
  collect();
}

let backend: WasmBackend;
beforeEach(async () => {
  backend = await wasmBackend({ threads: 2 });
});
afterEach(() => {
  backend.dispose();
  vi.restoreAllMocks();
});

/** Compiles, runs and disposes of plans one after the other; the most that the process has grown by, in megabytes. */
async function growth(sizes: readonly number[]): Promise<number> {
  const before = resident();
  let most = 0;
  for (const megabytes of sizes) {
    const plan = await backend.compile(large(megabytes), new Map());
    await plan.run({ x });
    expect(plan.report().memoryBytes! / MB).toBeGreaterThan(0.9 * megabytes);
    most = Math.max(most, resident() - before);
    plan.dispose();
  }
  return most;
}

describe('the memory of plans that were disposed of', () => {
  test('is used again: fifteen plans of a hundred megabytes need that of a few', async () => {
    expect(await growth(Array.from({ length: 15 }, () => 100))).toBeLessThan(500);
  });

  test('is freed when nobody has a reference any more, though the workers are idle', async () => {
    const before = resident();
    await growth([100, 200, 300]);
    await vi.waitFor(
      async () => {
        await collectGarbage();
        expect(resident() - before).toBeLessThan(150);
      },
      { timeout: 60_000 },
    );
  });

  test('holds nothing of its last owner', async () => {
    const network = chain(3);
    const first = await compileOn(backend, network);
    const expected = bits(await first.run(network.feeds));
    const megabytes = first.report().memoryBytes! / MB;
    first.dispose();
    const made = vi.spyOn(WebAssembly, 'Memory');
    const noisy = await backend.compile(large(0.9 * megabytes), new Map());
    await noisy.run({ x: { ...x, data: x.data.map(() => NaN) } });
    noisy.dispose();
    const again = await compileOn(backend, network);
    expect(bits(await again.run(network.feeds))).toEqual(expected);
    expect(made).not.toHaveBeenCalled();
  });
});

describe('memory that cannot be had', () => {
  const network = chain(2);

  test('because a plan needs more than can be addressed is an error, and other plans go on', async () => {
    const other = await compileOn(backend, network);
    const expected = bits(await other.run(network.feeds));
    await expect(backend.compile(large(5000), new Map())).rejects.toThrow(
      /^wasm: the plan needs 500\d MB, more than the 4096 MB that it can address$/,
    );
    expect(bits(await other.run(network.feeds))).toEqual(expected);
  });

  test('because the engine refuses is an error, and other plans go on', async () => {
    const other = await compileOn(backend, network);
    const expected = bits(await other.run(network.feeds));
    const refuse = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
      throw new RangeError('WebAssembly.Memory(): could not allocate memory');
    });
    const thrown: unknown = await backend.compile(large(50), new Map()).catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      message:
        'wasm: 51 MB for the plan cannot be had; dispose of other plans, or use smaller images or memory: low',
      cause: new RangeError('WebAssembly.Memory(): could not allocate memory'),
    });
    expect(bits(await other.run(network.feeds))).toEqual(expected);
    refuse.mockRestore();
    const later = await backend.compile(large(50), new Map());
    expect(Object.keys(await later.run({ x }))).toEqual(['out']);
  });

  test('until workers were let go is had then', async () => {
    const { Memory } = WebAssembly;
    let refusals = 2;
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (description) {
      if (refusals-- > 0) throw new RangeError('not now');
      return new Memory(description);
    });
    const plan = await backend.compile(large(50), new Map());
    expect(Object.keys(await plan.run({ x }))).toEqual(['out']);
  });
});

test('a parameter that is missing leaves no plan behind', async () => {
  const network = chain(2);
  const compile = (): Promise<unknown> => backend.compile(network.graph, new Map());
  await expect(compile()).rejects.toThrow('weight');
  const before = resident();
  for (let k = 0; k < 30; k++) await compile().catch(() => {});
  expect(resident() - before).toBeLessThan(100);
});

test('a thousand runs leave nothing behind', async () => {
  const graph = trace((_, { value }) => ({ out: relu(value) }), { value: [1, 8, 32, 32] });
  const plan = await backend.compile(graph, new Map());
  const value = zeros([1, 8, 32, 32]);
  const { signal } = new AbortController();
  const state = async (): Promise<readonly [number, number]> => {
    await collectGarbage();
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    return [arrayBuffers + heapUsed, process.getActiveResourcesInfo().length];
  };
  const runs = async (count: number): Promise<void> => {
    for (let k = 0; k < count; k++) await plan.run({ value }, { signal });
  };
  await runs(200);
  const [bytes, handles] = await state();
  await runs(RUNS);
  const [after, handlesAfter] = await state();
  // The results of a thousand runs would be 32 MB.
  expect(after - bytes).toBeLessThan(8 * MB);
  expect(handlesAfter).toBeLessThanOrEqual(handles);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
