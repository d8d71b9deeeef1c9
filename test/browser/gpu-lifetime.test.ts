/** What lives on a device, and for how long: nothing leaks, and a lost device is noticed and can be replaced. */
import { describe, expect, test } from 'vitest';
import { toHost } from '../../src/backends/index.ts';
import { type Graph, trace } from '../../src/graph/index.ts';
import { concat, convolution, relu } from '../../src/ops/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import { hasChromium } from './chromium.ts';
import { aGpuBrowser, browserModes } from './gpu-browser.ts';

const FRAMES = 1000;

/** Launches in both layouts, a value that is read twice and one that stays on the device. */
const graph: Graph = trace(
  (parameters, { x }) => {
    const y = relu(convolution(x, parameters.get('weight', [5, 3, 3, 3]), undefined, { pad: 1 }));
    return { kept: y, out: concat([y, x]) };
  },
  { x: [1, 3, 4, 5] },
);
const parameters: ReadonlyMap<string, Tensor> = new Map([
  [
    'weight',
    tensor(
      [5, 3, 3, 3],
      Float32Array.from({ length: 135 }, (_, i) => (i % 7) - 3),
    ),
  ],
]);
const x = tensor(
  [1, 3, 4, 5],
  Float32Array.from({ length: 60 }, (_, i) => i - 30),
);

describe.skipIf(!hasChromium)('a device in Chromium', () => {
  const browser = aGpuBrowser();

  /** Textures or buffers of the page, whoever made them. */
  async function alive(mode: 'webgl2' | 'webgpu'): Promise<number> {
    const { calls } = await browser().page.observed();
    return mode === 'webgl2'
      ? calls['createTexture']! - calls['deleteTexture']!
      : calls['createBuffer']! - calls['destroy']!;
  }

  test.each(browserModes)('a thousand frames leave nothing behind in mode %s', async (mode) => {
    const backend = await browser().open({ mode });
    const number = await browser().page.compile(backend.number, graph, Object.fromEntries(parameters));
    const request = { plan: number, feeds: { x }, keep: [], keepOnDevice: ['kept'] };
    await browser().page.repeat(request, 2);
    const before = [await alive(mode), (await browser().page.counts(backend.number))['handles']];
    await browser().page.repeat(request, FRAMES);
    const after = [await alive(mode), (await browser().page.counts(backend.number))['handles']];
    expect(after).toEqual(before);
    backend.dispose();
  });

  test.each(browserModes)('a lost device is an error, and a new one computes, in mode %s', async (mode) => {
    const backend = await browser().open({ mode });
    const plan = await backend.compile(graph, parameters);
    const expected = await toHost((await plan.run({ x }))['out']!);
    await browser().page.loseDevices();
    await expect(plan.run({ x })).rejects.toThrow('was lost');
    backend.dispose();
    const again = await browser().open({ mode });
    const results = await (await again.compile(graph, parameters)).run({ x });
    expect(await toHost(results['out']!)).toEqual(expected);
    again.dispose();
  });
});
