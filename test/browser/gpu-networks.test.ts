/** The narrow network on graphics cards: MXNet's numbers in WebGL2 and WebGPU, and what comes back from the device. */
import { describe, expect, test } from 'vitest';
import { type DeviceTensor, isDeviceTensor } from '../../src/backends/index.ts';
import { officialGraph } from '../../src/nets/index.ts';
import { cast, elementCount, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { randomNumbers } from '../../src/testing/index.ts';
import { watch } from '../goldens/backend.ts';
import { checkNetworks } from '../goldens/networks.ts';
import { table } from '../goldens/rows.ts';
import { randomImages, randomWeights, tiny } from '../properties/tiny-network.ts';
import { hasShared, shared } from '../shared.ts';
import { hasChromium } from './chromium.ts';
import { aBackend, aGpuBrowser, browserModes } from './gpu-browser.ts';

const folder = shared('goldens/networks/narrow');
const FEATURE = 'feat_conv_3x3_relu_output';

describe.skipIf(!hasShared || !hasChromium)('the narrow network in Chromium', () => {
  const browser = aGpuBrowser();

  describe.each(browserModes)('mode %s', (mode) => {
    const backend = aBackend(browser, { mode });

    test("gives MXNet's numbers in a key frame and in frames carried from it", async () => {
      const watched = watch(backend());
      const rows = await checkNetworks(folder, {
        backend: watched.backend,
        frames: undefined,
        cases: ['small'],
      });
      const misses = rows.filter(({ pass }) => !pass);
      expect(rows.length).toBeGreaterThan(30);
      expect(misses.length, table(misses)).toBe(0);
      expect([...watched.hosted.keys()].filter((what) => !what.startsWith('proposal:'))).toEqual([]);
      expect(watched.onDevice()).toBeGreaterThan(300);
    });

    test('leaves the key feature on the device and reads back what regions and results need, no more', async () => {
      const size = { height: 64, width: 96 };
      const [key, current] = (['key', 'current'] as const).map((kind) => officialGraph(kind, tiny, size));
      const parameters = randomWeights([key!, current!], 3);
      const next = randomNumbers(3);
      const image = (): Tensor => cast(randomImages(1, size.height, size.width, next), 'float32');
      const im_info = tensor([1, 3], [size.height, size.width, 1]);
      const first = image();
      const fed = { data: first, im_info, data_key: first };
      const unread = key!.inputs.map(({ name, shape }) => [name, zeros(shape)] as const);

      const keyPlan = await backend().compile(key!, parameters);
      const kept = await keyPlan.run(
        { ...Object.fromEntries(unread), ...fed },
        { keepOnDevice: [FEATURE, 'data_key'] },
      );
      const feature = kept[FEATURE] as DeviceTensor;
      expect(isDeviceTensor(feature)).toBe(true);
      const plan = await backend().compile(current!, parameters);
      for (let frame = 0; frame < 2; frame++) {
        await plan.run({ data: image(), im_info, data_key: kept['data_key']!, feat_key: feature });
        // Probabilities and corrections, from which the processor chooses regions; scores and boxes of these.
        const allowed = current!.nodes
          .filter(({ operator }) => operator === 'proposal')
          .flatMap(({ inputs }) => inputs.slice(0, 2))
          .concat(current!.outputs.map(({ value }) => value))
          .map((ref) =>
            ref.from === 'node' ? elementCount(current!.nodes[ref.index]!.shapes[ref.output]!) : 0,
          );
        const { count, bytes } = plan.report().readBacks!;
        expect(count).toBeLessThanOrEqual(allowed.length);
        expect(bytes).toBeLessThanOrEqual(4 * allowed.reduce((sum, numbers) => sum + numbers, 0) * PADDING);
      }
      feature.dispose();
    });
  });
});

/** Packed tensors come back with their borders and with full groups of channels. */
const PADDING = 2;
