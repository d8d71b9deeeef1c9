/** Channels of position-sensitive maps, sorted by sections: see `src/backends/gpu/layout.ts`. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { channelPlace, pack, packedLayout, unpack } from '../../../src/backends/gpu/layout.ts';
import { nodeViews } from '../../../src/backends/gpu/node-view.ts';
import { gpuOperators } from '../../../src/backends/gpu/operators.ts';
import { type Graph, trace } from '../../../src/graph/index.ts';
import { convolution, psroiPooling, relu, type Value } from '../../../src/ops/index.ts';

const attributes = { spatialScale: 1 / 16, outputChannels: 5, pooledSize: 2 };
const capabilities = {
  packed: 'textures',
  fourPlanes: false,
  maxSide: 4096,
  maxParts: 8,
  tile: 4,
  mostMultiplyAdds: Infinity,
  transformCost: Infinity,
} as const;

/** A graph whose score maps are pooled, after `then` was done to them. */
function graphOf(
  then: (scores: Value, pool: (maps: Value) => Value) => Readonly<Record<string, Value>>,
): Graph {
  return trace(
    (parameters, { data, rois }) => {
      const scores = convolution(data, parameters.get('weight', [20, 3, 1, 1]));
      return then(scores, (maps) => psroiPooling(maps, rois, attributes)) as never;
    },
    { data: [1, 3, 4, 4], rois: [6, 5] },
  );
}

/** Sections of the convolution's result. */
function sectionsOf(graph: Graph): number {
  const [view] = nodeViews(graph, capabilities, ({ operator }) => gpuOperators[operator as never]);
  return view!.packedOutput(0)!.sections;
}

describe('channels that are sorted by sections', () => {
  test('come back in their order', () => {
    const sizes = fc.tuple(...[2, 5, 4, 3, 3].map((max) => fc.integer({ min: 1, max })));
    fc.assert(
      fc.property(sizes, fc.constantFrom(4096, 40), ([N, D, S, H, W], maxSide) => {
        const shape = [N!, D! * S!, H!, W!];
        const layout = packedLayout(shape, 1, maxSide, S);
        if (!layout) return;
        const data = Float32Array.from({ length: N! * D! * S! * H! * W! }, (_, i) => i + 1);
        expect(unpack(pack(data, layout), layout)).toEqual(data);
      }),
    );
  });

  test('share a texel with the same section of other outputs', () => {
    const layout = packedLayout([1, 20, 1, 1], 0, 4096, 4)!;
    const places = Array.from({ length: 20 }, (_, c) => channelPlace(layout, c));
    // section 0 of outputs 0 to 4 at 0 to 4, section 1 at 8 to 12
    expect(places.filter((_, c) => c % 4 === 0)).toEqual([0, 1, 2, 3, 4]);
    expect(places.filter((_, c) => c % 4 === 1)).toEqual([8, 9, 10, 11, 12]);
    expect(layout.groups).toBe(8);
  });
});

describe('a result is sorted by sections', () => {
  test('where only position-sensitive pooling reads it', () => {
    expect(sectionsOf(graphOf((scores, pool) => ({ out: pool(scores) })))).toBe(4);
    expect(sectionsOf(graphOf((scores, pool) => ({ out: pool(scores), again: pool(scores) })))).toBe(4);
  });

  test('but not where others read it, or it leaves the graph', () => {
    expect(sectionsOf(graphOf((scores, pool) => ({ out: pool(scores), scores })))).toBe(1);
    expect(sectionsOf(graphOf((scores, pool) => ({ out: pool(scores), other: relu(scores) })))).toBe(1);
  });

  test('nor where its maker keeps channels in their order', () => {
    const graph = graphOf((scores, pool) => ({ out: pool(relu(scores)) }));
    const [, view] = nodeViews(graph, capabilities, ({ operator }) => gpuOperators[operator as never]);
    expect(view!.packedOutput(0)!.sections).toBe(1);
  });
});
