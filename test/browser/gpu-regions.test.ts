/** Regions and boxes that a graphics card, or the software that stands in for it, chooses. */
import { describe, expect, test } from 'vitest';
import { multiProposalOperator, runOperator } from '../../src/ops/index.ts';
import { compare } from '../../src/tensor/index.ts';
import { propose, regionCases, suppressionProblems } from '../backends/gpu/region-checks.ts';
import { hasChromium } from './chromium.ts';
import { aBackend, aGpuBrowser, browserModes } from './gpu-browser.ts';

describe.skipIf(!hasChromium)('in a browser', () => {
  const browser = aGpuBrowser();

  describe.each(browserModes)('mode %s', (mode) => {
    const backend = aBackend(browser, { mode, kernels: 'obvious' });

    test.each(regionCases)('proposes the regions of the reference, in its order: case %#', async (one) => {
      const { rois, scores } = await propose(backend(), one);
      const expected = runOperator(multiProposalOperator, one.inputs, one.attributes);
      expect(compare(rois, expected[0]!).absolute).toBeLessThan(1e-3);
      expect(compare(scores, expected[1]!).absolute).toBe(0);
    });

    test.each(['host', 'device'] as const)(
      'keeps the boxes that the reference keeps, scanning on the %s',
      async (scan) => {
        const problems = await suppressionProblems(({ shape, data }, scores, options) =>
          browser().page.suppress(backend().number, { shape, data }, scores, { ...options, scan }),
        );
        expect(problems).toEqual([]);
      },
    );
  });
});
