/**
 * MXNet's numbers against onnxruntime's: an independent check, since none of our kernels takes part. The choice of regions
 * and their pooling, which cannot be exported, are the reference's, on onnxruntime's maps.
 */
import { describe, expect, test } from 'vitest';
import { optimize } from '../../src/graph/index.ts';
import { checkFolder } from '../goldens/check-folder.ts';
import { table } from '../goldens/rows.ts';
import { hasShared, shared } from '../shared.ts';
import { cutBackend, onnxBackend, type Prepare } from './onnx-backend.ts';

const asTraced: Prepare = (graph, parameters) => [graph, parameters];
const optimized: Prepare = (graph, parameters) => {
  const result = optimize(graph);
  return [result.graph, result.parameters(parameters)];
};

describe.runIf(hasShared)('the narrow network in onnxruntime', () => {
  test.each([
    ['as traced', asTraced],
    ['optimized', optimized],
  ])('gives the numbers that MXNet computed, %s', async (_, prepare) => {
    const folder = shared('goldens/networks/narrow');
    const rows = await checkFolder(folder, { backend: cutBackend(prepare), frames: undefined });
    const misses = rows.filter(({ pass }) => !pass);
    expect(rows.length).toBeGreaterThan(600);
    expect(misses.length, table(misses)).toBe(0);
  });
});

test.runIf(hasShared)('operators alone give in onnxruntime the numbers that MXNet computed', async () => {
  const rows = await checkFolder(shared('goldens/operators'), { backend: onnxBackend(), frames: undefined });
  const refused = rows.filter(({ pass, note }) => !pass && note?.includes('which has no ONNX form'));
  const misses = rows.filter((row) => !row.pass && !refused.includes(row));
  expect(rows.length - refused.length).toBeGreaterThan(1500);
  expect(misses.length, table(misses)).toBe(0);
});
