import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { chooseTile, withTile } from '../../../src/backends/gpu/choose-tile.ts';
import type { Device } from '../../../src/backends/gpu/device.ts';
import type { Handle } from '../../../src/backends/gpu/gpujs.ts';
import { gpuBackend } from '../../../src/backends/gpu/index.ts';
import type { Capabilities, KernelSpec } from '../../../src/backends/gpu/kernel.ts';
import { UnsupportedBackendError } from '../../../src/tensor/index.ts';
import { buffers } from './buffers.ts';

let clock = 0;
beforeEach(() => {
  clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => void vi.restoreAllMocks());

/** A device on which only time passes: so much for a launch, and more for the first one of a kernel. */
function clockwork(
  given: Partial<Capabilities>,
  cost: (spec: KernelSpec) => number,
): Device & { alive: number } {
  const seen = new Set<string>();
  const device = {
    mode: 'webgpu',
    capabilities: { ...buffers, ...given },
    alive: 0,
    acquire: (spec: KernelSpec) => JSON.stringify(spec),
    release() {},
    compileMilliseconds: () => 0,
    async launch(key: string, spec: KernelSpec) {
      clock += cost(spec) + (seen.has(key) ? 0 : 1000 * spec.source.length);
      seen.add(key);
      device.alive += spec.parts ?? 1;
      return Array.from({ length: spec.parts ?? 1 }, (): Handle => ({}));
    },
    async upload() {
      device.alive++;
      return {};
    },
    free: () => void device.alive--,
    finish: async () => {},
  };
  return device as unknown as Device & { alive: number };
}

/** Invocations along a row tell the tile: 40 pixels are 5 tiles of 8 or 10 of 4. */
const perTile =
  (eight: number, four: number) =>
  ({ output }: KernelSpec): number =>
    output[0] === 5 ? eight : output[0] === 10 ? four : 1;

test('the tile is the one whose launches take the least time, compiling aside', async () => {
  expect(await chooseTile(clockwork({}, perTile(3, 7)))).toBe(8);
  expect(await chooseTile(clockwork({}, perTile(7, 3)))).toBe(4);
});

test('textures are timed with both of their kernels', async () => {
  const textures = { packed: 'textures', maxSide: 4096, maxParts: 8 } as const;
  expect(await chooseTile(clockwork(textures, perTile(9, 2)))).toBe(4);
});

test('timing leaves nothing on the device', async () => {
  const device = clockwork({}, perTile(3, 7));
  await chooseTile(device);
  expect(device.alive).toBe(0);
});

test('a device that can write four textures at once needs no timing', async () => {
  const device = clockwork({ packed: 'textures', maxSide: 4096, maxParts: 4 }, () => {
    throw new Error('launched');
  });
  expect(await chooseTile(device)).toBe(4);
});

test('a tile that no kernel can have is refused', async () => {
  const device = clockwork({ packed: 'textures', maxSide: 4096, maxParts: 8 }, () => 0);
  for (const tile of [0, 1, 2.5, 9, NaN])
    expect(() => withTile(device, tile)).toThrow(UnsupportedBackendError);
  expect(withTile(device, 4).capabilities.tile).toBe(4);
});

test('modes without packed tensors have no tile to choose', async () => {
  vi.restoreAllMocks();
  const backend = await gpuBackend({ mode: 'cpu' });
  expect(backend.tile).toBe(1);
  backend.dispose();
});
