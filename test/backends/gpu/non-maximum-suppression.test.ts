import { afterAll, describe, expect, test } from 'vitest';
import { type GpuBackend, gpuBackend } from '../../../src/backends/gpu/index.ts';
import { nonMaximumSuppression } from '../../../src/ops/index.ts';
import { tensor } from '../../../src/tensor/index.ts';
import { randomNumbers } from '../../../src/testing/index.ts';
import { boxCases, suppressionProblems } from './region-checks.ts';

/** The float32 `steps` further up. */
function stepped(x: number, steps: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, x);
  bits.setUint32(0, bits.getUint32(0) + steps);
  return bits.getFloat32(0);
}

/** The smallest threshold that keeps two boxes: their overlap as float32. Found by halving, from the reference. */
function overlapOf(pair: Float32Array): number {
  const boxes = tensor([2, 4], pair);
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, 1);
  let [low, high] = [0, bits.getUint32(0)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    bits.setUint32(0, middle);
    const apart = nonMaximumSuppression(boxes, [1, 0], { threshold: bits.getFloat32(0) }).length === 2;
    if (apart) high = middle;
    else low = middle + 1;
  }
  bits.setUint32(0, low);
  return bits.getFloat32(0);
}

describe.each(['webasm', 'cpu'] as const)('mode %s', (mode) => {
  let opened: Promise<GpuBackend> | undefined;
  const open = (): Promise<GpuBackend> => (opened ??= gpuBackend({ mode }));
  afterAll(async () => (await opened)?.dispose());

  test.each(['host', 'device'] as const)(
    'keeps what the reference keeps, scanning on the %s',
    async (scan) => {
      const backend = await open();
      const suppress: Parameters<typeof suppressionProblems>[0] = (boxes, scores, options) =>
        backend.nonMaximumSuppression(boxes, scores, { ...options, scan });
      expect(await suppressionProblems(suppress)).toEqual([]);
      expect(backend.counts().handles).toBe(0);
      expect(backend.counts().programs).toBe(0);
    },
  );

  test('decides pairs whose overlap is the threshold, or next to it, as the reference', async () => {
    const backend = await open();
    const next = randomNumbers(5);
    for (let i = 0; i < 20; i++) {
      const first = [100 * next(), 100 * next(), 200 + 50 * next(), 200 + 50 * next()];
      const pair = Float32Array.from([...first, ...first.map((x) => x + 20 * next())]);
      const overlap = overlapOf(pair);
      for (const [steps, kept] of [
        [-1, 1],
        [0, 2],
        [1, 2],
      ] as const) {
        const options = { threshold: stepped(overlap, steps) };
        const rows = await backend.nonMaximumSuppression(tensor([2, 4], pair), [1, 0], options);
        expect(rows).toHaveLength(kept);
      }
    }
  });

  test.each(['host', 'device'] as const)('lets only candidates take part, and stops: %s', async (scan) => {
    const { boxes, scores, options } = boxCases[8]!;
    const limited = { ...options, candidates: 90, limit: 20 };
    const backend = await open();
    const kept = await backend.nonMaximumSuppression(boxes, scores, { ...limited, scan });
    expect(kept).toEqual(nonMaximumSuppression(boxes, scores, limited));
    expect(await backend.nonMaximumSuppression(boxes, scores, { ...limited, limit: 0 })).toEqual([]);
    expect(await backend.nonMaximumSuppression(tensor([0, 4], []), [], options)).toEqual([]);
  });

  test('refuses what the reference refuses, and more boxes than a device can count', async () => {
    const backend = await open();
    const boxes = tensor([1, 4], [0, 0, 1, 1]);
    await expect(backend.nonMaximumSuppression(boxes, [1, 2], { threshold: 0.5 })).rejects.toThrow(
      'nonMaximumSuppression: got boxes 1x4, 2 scores, expected four coordinates and a score per box',
    );
    const many = tensor([21000, 4], new Float32Array(84000));
    const scores = new Float32Array(21000);
    await expect(backend.nonMaximumSuppression(many, scores, { threshold: 0.5 })).rejects.toThrow(
      'nonMaximumSuppression: 1 x 21000 boxes are too many for a device; use at most 20042 candidates',
    );
    expect(backend.counts().handles).toBe(0);
  });
});
