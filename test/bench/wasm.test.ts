/** The parts of the benchmark of the backend wasm: what is measured, that all sides compute the same, what is made of it. */
import { describe, expect, test } from 'vitest';
import { parts, type Work } from '../../bench/wasm/api.ts';
import { layerFindings, type LayerResult, leastRatio, weightedRatio } from '../../bench/wasm/layer-report.ts';
import { multiplyAddLimit } from '../../bench/wasm/limit.ts';
import { ratioOf, takeTurns } from '../../bench/wasm/measure.ts';
import { networkLayers } from '../../bench/wasm/network-layers.ts';
import { readOptions } from '../../bench/wasm/options.ts';
import { measureLayers } from '../../bench/wasm/parts/layers.ts';
import { measureNetwork } from '../../bench/wasm/parts/networks.ts';
import { summary } from '../../bench/wasm/report.ts';
import { targets, verdict } from '../../bench/wasm/targets.ts';
import { statistics } from '../../src/graph/index.ts';
import { officialConfiguration, officialGraph, partialGraph } from '../../src/nets/index.ts';

const work = (part: Work['part'], filter = ''): Work => {
  return { part, threads: 1, rounds: 1, quick: true, filter };
};

describe('what is measured', () => {
  test('every multiply-add of the key and the current graph, those of the heads once', () => {
    const size = { height: 562, width: 1000 };
    const total = (network: string): number =>
      networkLayers({ quick: false, filter: '' })
        .filter(([name]) => name === network)
        .reduce((sum, [, { multiplyAdds, count }]) => sum + multiplyAdds * count, 0);
    const [key, current] = (['key', 'current'] as const).map(
      (kind) => statistics(officialGraph(kind, officialConfiguration, size)).multiplyAdds,
    );
    const feature = statistics(partialGraph('feature', officialConfiguration, size)).multiplyAdds;
    expect(total('ResNet-101')).toBe(feature);
    expect(total('ResNet-101') + total('heads')).toBe(key);
    expect(total('FlowNet') + total('heads')).toBe(current);
  });

  test('sides take turns, each is first in its turn, and each runs ahead of that', async () => {
    const log: string[] = [];
    const side = (name: string) => (): void => void log.push(name);
    const times = await takeTurns([side('a'), side('b'), side('c')], { rounds: 2, clock: 'wall' });
    expect(log.join('')).toBe('abcabcbca');
    expect(times.map((list) => list.length)).toEqual([2, 2, 2]);
  });

  test('the ratio is the median of the rounds', () => {
    expect(ratioOf([2, 30, 4], [1, 10, 4])).toBe(2);
  });

  test('the limit is computed, and not optimized away: every sum comes to 2', async () => {
    const { multiplyAdds, run } = await multiplyAddLimit(60);
    expect(multiplyAdds).toBe(12 * 4 * 60);
    expect(run()).toBeCloseTo(24, 5);
  });
});

describe('all sides compute the same', () => {
  test.each(['conv1', '3x3 dilation 6', '8→16 5x5', '1x1 stride 2', 'deconv5', 'Convolution4'])(
    'layers: %s',
    async (filter) => {
      const { findings, data } = await measureLayers(work('layers', filter));
      expect((data as LayerResult[]).length).toBeGreaterThan(0);
      for (const { value } of findings) expect(value).toBeGreaterThan(0);
    },
  );

  test.each(['feature', 'flow'] as const)('networks: %s', async (kind) => {
    const { data, findings } = await measureNetwork(kind, work(kind));
    expect(findings).toMatchObject([{ threads: 1, aim: kind }]);
    expect((data as { difference: number }).difference).toBeLessThan(1e-4);
  });
});

describe('what is made of the numbers', () => {
  const all = networkLayers({ quick: false, filter: '' });
  const result = (name: string, milliseconds: number, onnx: number, tensorflow: number): LayerResult => {
    const [network, layer] = all.find(([, each]) => each.name === name)!;
    const ratios = { onnxRatio: onnx / milliseconds, tensorflowRatio: tensorflow / milliseconds };
    return { network, layer, kernel: '', milliseconds, onnx, tensorflow, ...ratios };
  };
  const once = result('conv1', 10, 20, 30);
  const often = result('res4a_branch2b', 1, 5, 4);
  const flow = result('conv3_1', 1, 7, 0.5);

  test('a layer counts as often as its network has it', () => {
    expect(often.layer.count).toBe(23);
    expect(weightedRatio([once, often], 'onnx')).toBeCloseTo((20 + 23 * 5) / (10 + 23));
    expect(leastRatio(often)).toBe(4);
  });

  test('each finding is of the layers that it names', () => {
    const values = layerFindings([once, often, flow]).map(({ what, value }) => [what, value] as const);
    expect(Object.fromEntries(values)).toEqual({
      'layers of ResNet-101 against TensorFlow.js': (30 + 23 * 4) / 33,
      'layers of ResNet-101 against onnxruntime': (20 + 23 * 5) / 33,
      'layers of FlowNet against TensorFlow.js': 0.5,
      'layers of FlowNet against onnxruntime': 7,
      '3x3 layers of stride 1 against onnxruntime': (23 * 5 + 7) / 24,
      'any layer against the better peer': 0.5,
    });
    expect(layerFindings([])).toEqual([]);
  });

  test('times and shares are to be large, memory and seconds small', () => {
    expect(verdict(2.6, targets.feature)).toBe('enough');
    expect(verdict(2.59, targets.feature)).toBe('missed');
    expect(verdict(3.2, targets.feature)).toBe('reached');
    expect(verdict(1.2, targets.memory)).toBe('reached');
    expect(verdict(1.6, targets.memory)).toBe('enough');
    expect(verdict(1.61, targets.memory)).toBe('missed');
    expect(verdict(0, targets.growth)).toBe('reached');
  });

  test('the summary has a line for each finding', () => {
    const lines = summary([
      { what: 'x', threads: 2, value: 2.7, aim: 'feature' },
      { what: 'y', threads: 1, value: 1.234 },
      { what: 'z', threads: 1, value: 0.9, aim: 'memory', note: 'of all' },
    ]).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/^x +2 +2\.70 +2\.60 +3\.20 +enough$/);
    expect(lines[2]).toMatch(/^y +1 +1\.23$/);
    expect(lines[3]).toMatch(/^z +1 +0\.90 GB +1\.60 GB +1\.20 GB +reached +of all$/);
  });
});

describe('options', () => {
  test('everything is measured, with one thread and with two, when nothing is said', () => {
    expect(readOptions([])).toEqual({
      only: parts,
      threads: [1, 2],
      rounds: 5,
      filter: '',
      quick: false,
      help: false,
    });
    expect(readOptions(['--quick']).rounds).toBe(2);
    expect(readOptions(['--only', 'flow, feature', '--threads', '4'])).toMatchObject({
      only: ['feature', 'flow'],
      threads: [4],
    });
  });

  test.each([
    [['--only', 'convolutions'], /--only convolutions: there is feature, flow, layers/],
    [['--threads', '1,0'], /--threads 0: expected a whole number above 0/],
    [['--rounds', 'many'], /--rounds many/],
    [['--fast'], /--fast/],
  ])('%j is refused', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
