/**
 * Every operator that has kernels, in Chromium, on the random cases of its own tests: what WebGL2 and WebGPU compute is
 * what the reference computes. Each case compiles shaders, so there are few; DFF_RUNS multiplies them.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { GpuOperator } from '../../src/backends/gpu/kernel.ts';
import { gpuOperators } from '../../src/backends/gpu/operators.ts';
import { runs } from '../../src/testing/index.ts';
import { hasChromium } from './chromium.ts';
import { aBackend, aGpuBrowser, browserModes } from './gpu-browser.ts';
import { edgeCases } from './edge-cases.ts';
import { operatorCases, type OperatorCases } from './operator-cases.ts';
import { ownOperator, type ParityCase, parityProblems } from './parity.ts';

const RUNS = 3;

const all: readonly OperatorCases[] = hasChromium ? await operatorCases() : [];
const kernels: Readonly<Record<string, GpuOperator | undefined>> = gpuOperators;
const withKernels = all.filter(({ operator }) => kernels[operator.name] !== undefined);

describe.skipIf(!hasChromium)('kernels in Chromium', () => {
  const browser = aGpuBrowser();

  test('every operator with kernels has cases', () => {
    const known = new Set(all.map(({ operator }) => operator.name));
    expect(Object.keys(gpuOperators).filter((name) => !known.has(name))).toEqual([]);
  });

  describe.each(browserModes)('mode %s', (mode) => {
    describe.each(['fast', 'obvious'] as const)('%s kernels', (kind) => {
      const backend = aBackend(browser, { mode, kernels: kind });
      let before: number;
      beforeAll(async () => {
        before = await launchesSeen();
      });

      /** Operators that a fast plan leaves to the processor are tested as obvious kernels. */
      const here = withKernels.filter(
        ({ operator }) => kind === 'obvious' || kernels[operator.name]!.onHost === undefined,
      );

      test.each(here.map(({ operator, cases }) => [operator.name, operator, cases] as const))(
        '%s gives what the reference gives',
        async (_, operator, cases) => {
          const property = fc.asyncProperty(cases, fc.boolean(), async (one, weighted) => {
            const given: ParityCase = { ...one, weighted };
            expect(await parityProblems(backend(), ownOperator(operator), given)).toEqual([]);
          });
          await fc.assert(property, { numRuns: runs(RUNS) });
        },
      );

      test.each(edgeCases.map((edge) => [edge.title, edge] as const))(
        '%s',
        async (_title, { operator, tolerance, ...edge }) => {
          expect(await parityProblems(backend(), ownOperator(operator), edge, tolerance)).toEqual([]);
        },
      );

      test('the browser drew or dispatched all that was launched', async () => {
        const { launches } = await browser().page.counts(backend().number);
        expect(launches).toBeGreaterThan(100);
        expect((await launchesSeen()) - before).toBeGreaterThanOrEqual(launches!);
      });

      /** Draws or dispatches that the browser itself was asked for. */
      async function launchesSeen(): Promise<number> {
        const { calls, contexts } = await browser().page.observed();
        if (mode === 'webgl2') expect(contexts).toContain('webgl2');
        return calls[mode === 'webgl2' ? 'drawArrays' : 'submit']!;
      }
    });
  });

  test('the page complained about nothing', () => {
    expect(browser().complaints).toEqual([]);
  });
});
