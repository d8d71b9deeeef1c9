/** `dff bench`: that its numbers belong together; how large they are is up to the machine. */
import { describe, expect, test } from 'vitest';
import { speedUps } from '../../src/cli/bench/speed-up.ts';
import type { Report } from '../../src/cli/bench/report.ts';
import { median } from '../../src/cli/bench/median.ts';
import { statistics } from '../../src/graph/index.ts';
import { configure, officialGraph } from '../../src/nets/index.ts';
import { hasShared } from '../shared.ts';
import { fails, narrowCheckpoint, narrowFrameCheckpoint, succeeds } from './kit.ts';

const small = ['--height', '64', '--width', '96', '--frames', '1'];
const size = { height: 64, width: 96 };
const report = async (...args: readonly string[]): Promise<Report> =>
  JSON.parse(await succeeds(['bench', ...args, ...small, '--json'])) as Report;

test.each(['wasm', 'reference'])(
  'without a model a network with random weights is measured, and no multiply-add is lost: %s',
  async (backend) => {
    const { network, random, kinds, speedUps, ...rest } = await report(
      '--width-divisor',
      '32',
      '--backend',
      backend,
    );
    expect(network).toMatch(/random weights, channels divided by 32$/);
    expect(random).toBe(true);
    expect(rest).toMatchObject({ backend, size });
    expect(kinds.map(({ kind }) => kind)).toEqual(['key', 'current']);
    for (const { kind, nodes, multiplyAdds, milliseconds, networkMilliseconds, firstMilliseconds } of kinds) {
      const graph = officialGraph(kind, configure({ widthDivisor: 32 }), size);
      expect(multiplyAdds).toBe(statistics(graph).multiplyAdds);
      expect(nodes.reduce((sum, node) => sum + node.multiplyAdds, 0)).toBe(multiplyAdds);
      expect(milliseconds).toBeGreaterThanOrEqual(networkMilliseconds);
      expect(firstMilliseconds).toBeGreaterThan(0);
    }
    expect(speedUps.map(({ interval }) => interval)).toEqual([1, 2, 5, 10, 20]);
    expect(speedUps[0]).toMatchObject({ measured: 1, predicted: 1 });
    expect(rest.memory.peakBytes).toBeGreaterThan(1e7);
  },
);

describe.skipIf(!hasShared)('with a checkpoint', () => {
  test('it prints frames, intervals and the slowest nodes', async () => {
    const args = ['bench', narrowCheckpoint, ...small, '--intervals', '1,4', '--top', '2', '--threads', '1'];
    const text = await succeeds(args);
    expect(text).toMatch(/^network {2}Deep Feature Flow, ResNet-101, FlowNet Simple, 31 classes/);
    expect(text).toMatch(/^images {3}64x96$/m);
    expect(text).toMatch(/^backend {2}wasm, 1 thread, /m);
    expect(text).toMatch(/^key {6}\d+\.\d +\d+\.\d/m);
    expect(text).toMatch(/^current {2}\d+\.\d +\d+\.\d/m);
    expect(text).toMatch(/^1 +\S+ +1\.00 +1\.00$/m);
    expect(text).toMatch(/^4 +\S+ +\d+\.\d\d +\d+\.\d\d$/m);
    expect(text.match(/^and \d+ faster nodes$/gm)).toHaveLength(2);
  });

  test('a network that computes every frame from scratch has one kind of frames and no intervals', async () => {
    const { kinds, speedUps, random } = await report(narrowFrameCheckpoint);
    expect(kinds.map(({ kind }) => kind)).toEqual(['frame']);
    expect(speedUps).toEqual([]);
    expect(random).toBe(false);
    const text = await succeeds(['bench', narrowFrameCheckpoint, ...small, '--top', '0']);
    expect(text).not.toMatch(/key interval|node/);
    expect(await fails(['bench', narrowFrameCheckpoint, ...small, '--intervals', '5'], 2)).toContain(
      '--intervals is of networks with key frames, this one computes every frame',
    );
  });
});

test('a model that does not exist is named', async () => {
  expect(await fails(['bench', '/no/model'])).toContain('/no/model: cannot be opened');
});

test('the speed-up is formula (7) of the paper, in time and in multiply-adds', () => {
  const key = { milliseconds: 1000, multiplyAdds: 12.71e9 };
  const current = { milliseconds: 100, multiplyAdds: 1e9 };
  const [one, ten] = speedUps(key, current, [1, 10]);
  expect(one).toEqual({ interval: 1, framesPerSecond: 1, measured: 1, predicted: 1 });
  expect(ten!.measured).toBeCloseTo(10 / 1.9, 10);
  expect(ten!.framesPerSecond).toBeCloseTo(10 / 1.9, 10);
  expect(ten!.predicted).toBeCloseTo(5.85, 2);
});

test('the median is the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});
