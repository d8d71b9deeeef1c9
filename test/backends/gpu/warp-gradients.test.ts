import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GpuBackend, gpuBackend } from '../../../src/backends/gpu/index.ts';
import { warpGradientCases, warpGradientProblems } from './warp-gradient-checks.ts';

describe.each(['webasm', 'cpu'] as const)('mode %s', (mode) => {
  let backend: GpuBackend;
  beforeAll(async () => {
    backend = await gpuBackend({ mode });
  });
  afterAll(() => backend.dispose());

  test.each(warpGradientCases)(
    'warp gradients on the device agree with central differences of the float64 reference: $shape, scale $scale',
    async (which) => {
      expect(await warpGradientProblems(backend, which, [1, 2, 3, 4, 5])).toEqual([]);
    },
  );
});
