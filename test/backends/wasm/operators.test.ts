/**
 * Every operator that has kernels, on the random cases of its own tests: what WebAssembly computes is what the reference
 * computes, with fused products and sums and without, on one thread and on several.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lowerings, lowerOf } from '../../../src/backends/wasm/lowerings.ts';
import { runs } from '../../../src/testing/index.ts';
import { edgeCases } from '../../browser/edge-cases.ts';
import { operatorCases } from '../../browser/operator-cases.ts';
import { ownOperator, type ParityCase, parityProblems } from '../../browser/parity.ts';
import { aBackend, settings } from './settings.ts';

const RUNS = 12;

const all = await operatorCases();
const withKernels = all.filter(({ operator }) => lowerOf(operator.name));

test('every operator with kernels has cases', () => {
  const known = new Set(all.map(({ operator }) => operator.name));
  const lowered = Object.entries(lowerings).flatMap(([name, lower]) => (lower ? [name] : []));
  expect(lowered.filter((name) => !known.has(name))).toEqual([]);
});

describe.each(settings)('with %s', (_, options) => {
  const backend = aBackend(options);

  test.each(withKernels.map(({ operator, cases }) => [operator.name, operator, cases] as const))(
    '%s gives what the reference gives',
    async (_name, operator, cases) => {
      const property = fc.asyncProperty(cases, fc.boolean(), async (one, weighted) => {
        const given: ParityCase = { ...one, weighted };
        expect(await parityProblems(backend(), ownOperator(operator), given)).toEqual([]);
      });
      await fc.assert(property, { numRuns: runs(RUNS) });
    },
  );

  test.each(
    edgeCases.filter(({ operator }) => lowerOf(operator.name)).map((edge) => [edge.title, edge] as const),
  )('%s', async (_title, { operator, tolerance, ...edge }) => {
    expect(await parityProblems(backend(), ownOperator(operator), edge, tolerance)).toEqual([]);
  });
});
