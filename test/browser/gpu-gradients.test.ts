/** Gradients of the warp on graphics cards, against central differences of the float64 reference. */
import { describe, expect, test } from 'vitest';
import { warpGradientCases, warpGradientProblems } from '../backends/gpu/warp-gradient-checks.ts';
import { hasChromium } from './chromium.ts';
import { aBackend, aGpuBrowser, browserModes } from './gpu-browser.ts';

describe.skipIf(!hasChromium)('in Chromium', () => {
  const browser = aGpuBrowser();

  describe.each(browserModes)('mode %s', (mode) => {
    const backend = aBackend(browser, { mode });

    test.each(warpGradientCases)(
      'warp gradients are what central differences give: $shape, scale $scale',
      async (which) => {
        expect(await warpGradientProblems(backend(), which, [1, 2])).toEqual([]);
      },
    );
  });
});
