import { describe, expect, test } from 'vitest';
import { fuseWarp, type Graph, trace } from '../../../src/graph/index.ts';
import {
  bilinearSampler,
  broadcastMul,
  elementwiseMul,
  gridGenerator,
  named,
  sigmoid,
  type Value,
  warp,
} from '../../../src/ops/index.ts';
import type { Shape } from '../../../src/tensor/index.ts';
import { holdToSameBits, nodesOf } from './kit.ts';

interface Given<V> {
  readonly data: V;
  readonly flow: V;
  readonly scale: V;
}

const graphOf = (
  network: <V extends Value>(given: Given<V>) => Readonly<Record<string, V>>,
  shapes: { readonly data?: Shape; readonly scale?: Shape } = {},
): Graph =>
  trace((_, given) => network(given) as Record<string, typeof given.data>, {
    data: [1, 3, 4, 5],
    flow: [1, 2, 4, 5],
    scale: [1, 3, 4, 5],
    ...shapes,
  });

const sampled = <V extends Value>({ data, flow }: Given<V>): V =>
  named('sampled', bilinearSampler(data, named('grid', gridGenerator(flow))));

describe('fuseWarp', () => {
  test('gives the same bits on random graphs', () => {
    expect(() => holdToSameBits(fuseWarp)).not.toThrow();
  });

  test('joins grid, samples and scale under the name of the product, whatever stands first in it', () => {
    const graphs = [
      graphOf((given) => ({ out: named('carried', elementwiseMul(sampled(given), given.scale)) })),
      graphOf((given) => ({ out: named('carried', elementwiseMul(given.scale, sampled(given))) })),
      graphOf(({ data, flow, scale }) => ({ out: named('carried', warp(data, flow, scale)) })),
    ];
    for (const graph of graphs) {
      expect(fuseWarp(graph).nodes).toEqual([
        {
          name: 'carried',
          operator: 'fusedWarp',
          attributes: {},
          inputs: [0, 1, 2].map((index) => ({ from: 'input', index })),
          outputs: ['output'],
          shapes: [[1, 3, 4, 5]],
        },
      ]);
    }
  });

  test('leaves the scale out where there is none, it repeats axes, or the samples are an output', () => {
    const without = graphOf((given) => ({ out: sampled(given) }));
    expect(nodesOf(fuseWarp(without))).toEqual(['sampled fusedWarp']);
    const repeated = graphOf((given) => ({ out: broadcastMul(sampled(given), given.scale) }), {
      scale: [1, 1, 4, 5],
    });
    expect(nodesOf(fuseWarp(repeated))).toEqual(['sampled fusedWarp', 'broadcastMul0 broadcastMul']);
    const output = graphOf((given) => {
      const feature = sampled(given);
      return { feature, out: elementwiseMul(feature, given.scale) };
    });
    expect(nodesOf(fuseWarp(output))).toEqual(['sampled fusedWarp', 'elementwiseMul0 elementwiseMul']);
  });

  test('of two warps that are multiplied, the first has the product and the second is its scale', () => {
    const graph = graphOf(({ data, flow, scale }) => ({
      out: named('product', elementwiseMul(warp(data, flow), named('second', warp(scale, flow)))),
    }));
    const fused = fuseWarp(graph);
    expect(nodesOf(fused)).toEqual(['second fusedWarp', 'product fusedWarp']);
    expect(fused.nodes[1]!.inputs[2]).toEqual({ from: 'node', index: 0, output: 0 });
  });

  test.each<[string, Graph]>([
    ['a grid alone', graphOf(({ flow }) => ({ out: gridGenerator(flow) }))],
    [
      'a grid that somebody else reads',
      graphOf(({ data, flow, scale }) => {
        const grid = gridGenerator(flow);
        return { out: bilinearSampler(data, grid), other: bilinearSampler(scale, grid) };
      }),
    ],
    [
      'a grid that is an output',
      graphOf(({ data, flow }) => {
        const grid = gridGenerator(flow);
        return { grid, out: bilinearSampler(data, grid) };
      }),
    ],
    ['a grid that is sampled', graphOf(({ flow }) => ({ out: bilinearSampler(gridGenerator(flow), flow) }))],
    ['a grid that goes elsewhere', graphOf(({ flow }) => ({ out: sigmoid(gridGenerator(flow)) }))],
    ['a flow of another size', graphOf((given) => ({ out: sampled(given) }), { data: [1, 3, 5, 5] })],
  ])('leaves %s alone', (_, graph) => {
    expect(fuseWarp(graph)).toBe(graph);
  });
});
