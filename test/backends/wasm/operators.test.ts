/**
 * Every operator that has kernels, on the random cases of its own tests: what WebAssembly computes is what the reference
 * computes, with fused products and sums and without, on one thread and on several.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lowerings } from '../../../src/backends/wasm/lowerings.ts';
import { type WasmBackend, wasmBackend, type WasmOptions } from '../../../src/backends/wasm/index.ts';
import { runs } from '../../../src/testing/index.ts';
import { edgeCases } from '../../browser/edge-cases.ts';
import { operatorCases } from '../../browser/operator-cases.ts';
import { ownOperator, type ParityCase, parityProblems } from '../../browser/parity.ts';

const RUNS = 12;

const all = await operatorCases();
const withKernels = all.filter(({ operator }) => lowerings[operator.name as keyof typeof lowerings]);

test('every operator with kernels has cases', () => {
  const known = new Set(all.map(({ operator }) => operator.name));
  const lowered = Object.entries(lowerings).flatMap(([name, lower]) => (lower ? [name] : []));
  expect(lowered.filter((name) => !known.has(name))).toEqual([]);
});

const settings: readonly (readonly [string, WasmOptions])[] = [
  ['plain vectors and one thread', { simd: 'plain', threads: 1 }],
  ['relaxed vectors and three threads', { simd: 'relaxed', threads: 3 }],
];

describe.each(settings)('with %s', (_, options) => {
  let backend: WasmBackend;
  beforeAll(async () => {
    backend = await wasmBackend(options);
  });
  afterAll(() => backend.dispose());

  test.each(withKernels.map(({ operator, cases }) => [operator.name, operator, cases] as const))(
    '%s gives what the reference gives',
    async (_name, operator, cases) => {
      const property = fc.asyncProperty(cases, fc.boolean(), async (one, weighted) => {
        const given: ParityCase = { ...one, weighted };
        expect(await parityProblems(backend, ownOperator(operator), given)).toEqual([]);
      });
      await fc.assert(property, { numRuns: runs(RUNS) });
    },
  );

  test.each(
    edgeCases
      .filter(({ operator }) => lowerings[operator.name as keyof typeof lowerings])
      .map((edge) => [edge.title, edge] as const),
  )('%s', async (_title, { operator, tolerance, ...edge }) => {
    expect(await parityProblems(backend, ownOperator(operator), edge, tolerance)).toEqual([]);
  });
});
