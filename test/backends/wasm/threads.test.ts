/** Threads: any number of them gives the same bits, the caller's own stays free, and runs do not get into each other. */
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceBackend } from '../../../src/backends/index.ts';
import { type WasmBackend, wasmBackend } from '../../../src/backends/wasm/index.ts';
import { difference } from '../../../src/testing/index.ts';
import { hasShared } from '../../shared.ts';
import { afterTicks, expectInterruption } from './interruption.ts';
import { bits, chain, compileOn, narrowNetwork, type Network, noise, type Tensors } from './networks.ts';

const simds = ['plain', 'relaxed'] as const;

/** A few layers, of which the first and the third can be asked for. */
const short = chain(4);
const [firstLayer, thirdLayer] = ['convolution0_output', 'convolution2_output'];

describe.skipIf(!hasShared)('the narrow network', () => {
  let narrow: Network;
  let expected: Tensors;
  beforeAll(async () => {
    narrow = await narrowNetwork();
    const plan = await compileOn(referenceBackend(), narrow);
    expected = (await plan.run(narrow.feeds)) as Tensors;
  });

  test.each(simds)('gives the same bits on 1, 2 and 7 threads, with %s vectors', async (simd) => {
    const results: Tensors[] = [];
    for (const threads of [1, 2, 7]) {
      const backend = await wasmBackend({ threads, simd });
      const plan = await compileOn(backend, narrow);
      for (const _ of [1, 2]) results.push((await plan.run(narrow.feeds)) as Tensors);
      expect(plan.report()).toMatchObject({ threads });
      expect(new Set(plan.report().nodes.map(({ where }) => where))).toEqual(new Set(['workers']));
      backend.dispose();
    }
    for (const result of results.slice(1)) expect(bits(result)).toEqual(bits(results[0]!));
    for (const [name, value] of Object.entries(expected)) {
      expect(difference(name, results[0]![name]!, value, 'the reference', 1e-3)).toEqual([]);
    }
  });
});

describe('threads', () => {
  let backend: WasmBackend;
  beforeAll(async () => {
    backend = await wasmBackend({ threads: 2 });
  });
  afterAll(() => backend.dispose());

  test('are as many as there are cores, unless said otherwise', async () => {
    const byDefault = await wasmBackend();
    expect(byDefault.threads).toBe(availableParallelism());
    byDefault.dispose();
  });

  test.each([0, -1, 1.5, NaN, Infinity])('cannot be %d', async (threads) => {
    await expect(wasmBackend({ threads })).rejects.toThrow(`threads is ${threads}, expected a whole number`);
  });

  test('leave the caller alone: timers fire while a run computes, and one of them cancels it', async () => {
    const long = chain(150);
    const plan = await compileOn(backend, long);
    const before = bits(await plan.run(long.feeds));
    await expectInterruption(plan, long.feeds);
    expect(bits(await plan.run(long.feeds))).toEqual(before);
    plan.dispose();
  });

  test('leave the caller alone while weights are prepared: timers fire before the plan is there', async () => {
    const events: string[] = [];
    const graph = chain(150);
    afterTicks(1, () => events.push('tick'));
    const plan = await compileOn(backend, graph);
    events.push('compiled');
    expect(events).toEqual(['tick', 'compiled']);
    plan.dispose();
  });

  test('do not begin with a signal that is aborted, nor with one that is aborted while the run waits', async () => {
    const plan = await compileOn(backend, short);
    const aborted = AbortSignal.abort(new Error('before'));
    await expect(plan.run(short.feeds, { signal: aborted })).rejects.toThrow('before');
    const controller = new AbortController();
    const first = plan.run(short.feeds);
    const second = plan.run(short.feeds, { signal: controller.signal });
    controller.abort(new Error('while it waited'));
    await expect(second).rejects.toThrow('while it waited');
    expect(bits(await first)).toEqual(bits(await plan.run(short.feeds)));
    plan.dispose();
  });

  test('more than there are cores can be cancelled at any moment, and go on with the same bits', async () => {
    const many = await wasmBackend({ threads: 9 });
    const plan = await compileOn(many, short);
    const expected = bits(await plan.run(short.feeds));
    for (let k = 0; k < 60; k++) {
      const controller = new AbortController();
      const abort = (): void => controller.abort(new Error('enough'));
      if (k % 3 === 0) setTimeout(abort, k / 6);
      else if (k % 3 === 1) setImmediate(abort);
      const outcome = await plan.run(short.feeds, { signal: controller.signal }).then(bits, String);
      expect([expected, 'Error: enough']).toContainEqual(outcome);
    }
    expect(bits(await plan.run(short.feeds))).toEqual(expected);
    many.dispose();
  });

  test('compute several runs of one plan that are asked for at once', async () => {
    const plan = await compileOn(backend, short);
    const feeds = [1, 2, 3, 4].map((seed) => ({ x: noise(seed, short.feeds['x']!.shape) }));
    const together = await Promise.all(feeds.map((fed) => plan.run(fed)));
    for (const [k, fed] of feeds.entries()) expect(bits(together[k]!)).toEqual(bits(await plan.run(fed)));
    plan.dispose();
  });

  test('compute runs of several plans that are asked for at once', async () => {
    const networks = [chain(3), chain(5), short];
    const plans = await Promise.all(networks.map((network) => compileOn(backend, network)));
    const both = [...plans, ...plans];
    const together = await Promise.all(both.map((plan) => plan.run(short.feeds)));
    for (const [k, plan] of both.entries()) {
      expect(bits(together[k]!)).toEqual(bits(await plan.run(short.feeds)));
    }
    for (const plan of plans) plan.dispose();
  });

  test('compute runs that keep different values and are asked for at once', async () => {
    const plan = await compileOn(backend, short);
    const kept = [[firstLayer], [thirdLayer], [], [firstLayer], [thirdLayer, firstLayer]];
    const together = await Promise.all(kept.map((keep) => plan.run(short.feeds, { keep })));
    for (const [k, keep] of kept.entries()) {
      expect(Object.keys(together[k]!).sort()).toEqual(['out', ...keep].sort());
      expect(bits(together[k]!)).toEqual(bits(await plan.run(short.feeds, { keep })));
    }
    plan.dispose();
  });

  test('can be asked again after a value that does not exist', async () => {
    const plan = await compileOn(backend, short);
    for (const _ of [1, 2]) {
      await expect(plan.run(short.feeds, { keep: ['nothing'] })).rejects.toThrow('nothing');
    }
    expect(Object.keys(await plan.run(short.feeds, { keep: [firstLayer] }))).toContain(firstLayer);
    plan.dispose();
  });

  test('are in the report, with the memory of the plan and the vectors and loops that were chosen', async () => {
    const plan = await compileOn(backend, short);
    const { threads, memoryBytes, notes, nodes } = plan.report();
    const data = short.feeds['x']!.data.byteLength;
    expect(threads).toBe(2);
    expect(memoryBytes).toBeGreaterThan(2 * data);
    expect(memoryBytes).toBeLessThan(10 * data);
    expect(notes!.join('; ')).toMatch(/(plain|relaxed) vector .*; inner loops of \d pixels .*; on workers$/);
    await plan.run(short.feeds, { keep: [firstLayer] });
    expect(plan.report().memoryBytes).toBeGreaterThan(memoryBytes! + data);
    expect(nodes.length).toBe(4);
    for (const { milliseconds } of plan.report().nodes) expect(milliseconds).toBeGreaterThan(0);
    plan.dispose();
    expect(plan.report().memoryBytes).toBe(0);
  });
});
