/** MXNet's numbers on the backend wasm: operators, the narrow networks and the training step, gradients included. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wasmBackend, type WasmOptions } from '../../src/backends/wasm/index.ts';
import { hasShared, shared } from '../shared.ts';
import { watch, type Watched } from './backend.ts';
import { checkFolder } from './check-folder.ts';
import { table } from './rows.ts';

const operators = ['operators', 'goldens/operators', 2000] as const;
const networks = ['the narrow networks and a training step', 'goldens/networks/narrow', 1200] as const;

const settings: readonly {
  readonly title: string;
  readonly options: WasmOptions;
  readonly goldens: readonly (readonly [title: string, folder: string, least: number])[];
}[] = [
  {
    title: 'with plain vectors and one thread',
    options: { simd: 'plain', threads: 1 },
    goldens: [operators, networks],
  },
  {
    title: 'with relaxed vectors and two threads',
    options: { simd: 'relaxed', threads: 2 },
    goldens: [operators, networks],
  },
  { title: 'with little memory', options: { memory: 'low', threads: 2 }, goldens: [networks] },
  { title: 'precisely', options: { precise: true, threads: 2 }, goldens: [networks] },
];

describe.runIf(hasShared).each(settings)('$title', ({ options, goldens }) => {
  let watched: Watched;
  beforeAll(async () => {
    watched = watch(await wasmBackend({ ...options, fallback: 'reference' }));
  });
  afterAll(() => watched.backend.dispose());

  test.each(goldens)('%s give the numbers that MXNet computed', async (_, folder, least) => {
    const rows = await checkFolder(shared(folder), { backend: watched.backend, frames: undefined });
    const misses = rows.filter(({ pass }) => !pass);
    expect(rows.length).toBeGreaterThan(least);
    expect(misses.length, table(misses)).toBe(0);
  });

  test('no node leaves the module', () => {
    expect([...watched.hosted.keys()]).toEqual([]);
    expect(watched.onDevice()).toBeGreaterThan(1500);
  });
});
