/** The benchmark measures what it says: all convolutions of a network, the same numbers on both sides. */
import { describe, expect, test } from 'vitest';
import { compareLayer, weightedRatio } from '../../bench/compare-layers.ts';
import { convolutionLayers } from '../../bench/layers.ts';
import { randomWeights } from '../../bench/random-weights.ts';
import { median } from '../../bench/timing.ts';
import { statistics } from '../../src/graph/index.ts';
import { configure, officialConfiguration, officialGraph } from '../../src/nets/index.ts';

const key = officialGraph('key', officialConfiguration, { height: 562, width: 1000 });

describe('the benchmark', () => {
  test('knows every convolution of the key graph: together they are all its multiply-adds', () => {
    const layers = convolutionLayers(key);
    const sum = layers.reduce((total, { multiplyAdds, count }) => total + multiplyAdds * count, 0);
    expect(sum).toBe(statistics(key).multiplyAdds);
    expect(layers.reduce((total, { count }) => total + count, 0)).toBe(
      key.nodes.filter(({ operator }) => operator === 'convolution').length,
    );
  });

  test('computes the same as its peer on every kind of layer, whole and cut to fewer rows', () => {
    const narrow = officialGraph('key', configure({ widthDivisor: 16 }), { height: 64, width: 80 });
    const results = convolutionLayers(narrow).map((layer) =>
      compareLayer(layer, { budget: layer.multiplyAdds / 2, repetitions: 1 }),
    );
    for (const { rows, difference } of results) {
      expect(rows[0]).toBeLessThanOrEqual(rows[1]);
      expect(difference).toBeLessThan(1e-5);
    }
  });

  test('weighs layers by their work, not by their number', () => {
    const layer = { name: '', count: 1, shape: '', rows: [1, 1], difference: 0 } as const;
    const fast = { ...layer, multiplyAdds: 900, ours: 4, theirs: 1 };
    const slow = { ...layer, multiplyAdds: 100, ours: 1, theirs: 1 };
    expect(weightedRatio([fast, slow])).toBeCloseTo((900 + 100) / (900 / 4 + 100));
  });

  test('has weights for every parameter, the same in every run', () => {
    const graph = officialGraph('current', configure({ widthDivisor: 32 }), { height: 64, width: 80 });
    const [a, b] = [randomWeights([graph]), randomWeights([graph])];
    for (const { name, shape } of graph.parameters) expect(a.get(name)?.shape).toEqual(shape);
    expect(a).toEqual(b);
  });

  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('the median of %j is %f', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
