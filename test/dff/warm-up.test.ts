import { expect, test } from 'vitest';
import { gpuBackend } from '../../src/backends/gpu/index.ts';
import { createDetector } from '../../src/dff/index.ts';
import { officialModel } from '../../src/dff/index.ts';
import { officialConfiguration, officialGraph } from '../../src/nets/index.ts';
import { zeros } from '../../src/tensor/index.ts';
import { fakeBackend, fakeModel } from './fake-network.ts';

const configuration = { ...officialConfiguration, widthDivisor: 64 };
const size = { width: 96, height: 64 };

test('a warm-up compiles every kernel that the first frames would, and tells how far it is', async () => {
  const ports = (['key', 'current'] as const).flatMap(
    (kind) => officialGraph(kind, configuration, { width: 48, height: 64 }).parameters,
  );
  const parameters = new Map(ports.map(({ name, shape }) => [name, zeros(shape)]));
  const backend = await gpuBackend({ mode: 'webasm' });
  const detector = createDetector({
    model: officialModel(parameters, { configuration }),
    backend,
    shortSide: 40,
  });
  const seen: number[] = [];
  let total = 0;
  await detector.warmUp(size, {
    onProgress(progress) {
      seen.push(progress.done);
      ({ total } = progress);
    },
  });
  expect(seen).toEqual([...Array.from({ length: total }, (_, k) => k + 1), total]);
  const { programs } = backend.counts();
  expect(programs).toBeGreaterThan(20);

  const image = { ...size, data: new Uint8Array(3 * size.width * size.height).fill(99) };
  const results = [];
  for await (const result of detector.detect([image, image])) results.push(result);
  expect(results.length).toBe(2);
  expect(backend.counts().programs).toBe(programs);
  detector.dispose();
  backend.dispose();
});

test('a warm-up stops at an aborted signal with its reason', async () => {
  const controller = new AbortController();
  const backend = await gpuBackend({ mode: 'webasm' });
  const model = officialModel(new Map(), { configuration });
  const detector = createDetector({ model, backend });
  controller.abort(new Error('enough'));
  await expect(detector.warmUp(size, { signal: controller.signal })).rejects.toThrow('enough');
  backend.dispose();
});

test('a backend without anything to do in advance is warm at once', async () => {
  const backend = fakeBackend();
  const detector = createDetector({ model: fakeModel(), backend });
  const seen: unknown[] = [];
  await detector.warmUp(size, { onProgress: (progress) => seen.push(progress) });
  expect(seen.length).toBe(1);
  expect(backend.runs).toEqual([]);
});
