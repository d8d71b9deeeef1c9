/** Gradients of the warp on graphics cards, against central differences of the float64 reference. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { warpGradientCases, warpGradientProblems } from '../backends/gpu/warp-gradient-checks.ts';
import { hasChromium } from './chromium.ts';
import { type GpuBrowser, openGpuBrowser, type RemoteBackend } from './remote-backend.ts';

describe.skipIf(!hasChromium)('in Chromium', () => {
  let browser: GpuBrowser;
  beforeAll(async () => {
    browser = await openGpuBrowser();
  });
  afterAll(() => browser.close());

  describe.each(['webgl2', 'webgpu'] as const)('mode %s', (mode) => {
    let backend: RemoteBackend;
    beforeAll(async () => {
      backend = await browser.open({ mode });
    });
    afterAll(() => backend.dispose());

    test.each(warpGradientCases)(
      'warp gradients are what central differences give: $shape, scale $scale',
      async (which) => {
        expect(await warpGradientProblems(backend, which, [1, 2])).toEqual([]);
      },
    );
  });
});
