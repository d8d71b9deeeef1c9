import { describe, expect, test } from 'vitest';
import { deadCode, fuseDeconvolution, type Graph, type Parameters, trace } from '../../../src/graph/index.ts';
import {
  crop,
  deconvolution,
  elementwiseAdd,
  leakyRelu,
  named,
  relu,
  sigmoid,
  type Value,
} from '../../../src/ops/index.ts';
import { holdToSameBits, nodesOf } from './kit.ts';

/** FlowNet's enlargement: 4 × 4 pixels to 10 × 10. */
function enlarged<V extends Value>(parameters: Parameters<V>, x: V): V {
  const [weight, bias] = [parameters.get('w', [2, 3, 4, 4]), parameters.get('b', [3])];
  return named('deconv', deconvolution(x, weight, bias, { stride: 2 }));
}

/** A graph of two maps: `x` is enlarged, `like` has the size wanted. */
const graphOf = (
  network: <V extends Value>(parameters: Parameters<V>, x: V, like: V) => Readonly<Record<string, V>>,
): Graph =>
  trace((parameters, { x, like }) => network(parameters, x, like) as Record<string, typeof x>, {
    x: [1, 2, 4, 4],
    like: [1, 1, 8, 7],
  });

describe('fuseDeconvolution', () => {
  test('gives the same bits on random graphs', () => {
    expect(() => holdToSameBits(fuseDeconvolution)).not.toThrow();
  });

  test('joins deconvolution, crop and activation under the name of the last', () => {
    const fused = fuseDeconvolution(
      graphOf((p, x, like) => ({
        out: named('act', leakyRelu(crop(enlarged(p, x), like, { offset: 1 }), { slope: 0.1 })),
      })),
    );
    expect(fused.nodes).toEqual([
      {
        name: 'act',
        operator: 'fusedDeconvolution',
        attributes: {
          stride: 2,
          pad: 0,
          dilation: 1,
          groups: 1,
          adjust: 0,
          offset: 1,
          size: [8, 7],
          slope: 0.1,
        },
        inputs: [
          { from: 'input', index: 0 },
          { from: 'parameter', index: 0 },
          { from: 'parameter', index: 1 },
        ],
        outputs: ['output'],
        shapes: [[1, 3, 8, 7]],
      },
    ]);
  });

  test('joins either alone: a crop without activation, an activation of the whole', () => {
    const cut = graphOf((p, x, like) => ({
      out: named('cut', crop(enlarged(p, x), like, { offset: [2, 0] })),
    }));
    const whole = graphOf((p, x) => ({ out: named('whole', relu(enlarged(p, x))) }));
    const attributes = [cut, whole].map((graph) => {
      const [{ name, attributes: a }, ...others] = fuseDeconvolution(graph).nodes as [Graph['nodes'][number]];
      return [name, a['offset'], a['size'], a['slope'], others.length];
    });
    expect(attributes).toEqual([
      ['cut', [2, 0], [8, 7], 1, 0],
      ['whole', 0, [10, 10], 0, 0],
    ]);
  });

  test('what was read for its size only is needed no more', () => {
    const graph = graphOf((p, x, like) => ({ out: crop(enlarged(p, x), sigmoid(like)) }));
    expect(nodesOf(deadCode(graph)).length).toBe(3);
    expect(nodesOf(deadCode(fuseDeconvolution(graph)))).toEqual(['crop0 fusedDeconvolution']);
  });

  test.each<[string, Graph]>([
    ['a deconvolution alone', graphOf((p, x) => ({ out: sigmoid(enlarged(p, x)) }))],
    [
      'a deconvolution that somebody else reads',
      graphOf((p, x, like) => {
        const y = enlarged(p, x);
        return { out: crop(y, like), sum: sigmoid(y) };
      }),
    ],
    [
      'a deconvolution that is an output',
      graphOf((p, x, like) => {
        const y = enlarged(p, x);
        return { out: crop(y, like), y };
      }),
    ],
    [
      'a deconvolution that gives a crop its size',
      graphOf((p, x, like) => ({ out: crop(p.get('large', [1, 1, 12, 12]), enlarged(p, x)), like })),
    ],
  ])('leaves %s alone', (_, graph) => {
    expect(fuseDeconvolution(graph)).toBe(graph);
  });

  test('an activation behind a crop that somebody else reads stays', () => {
    const graph = graphOf((p, x, like) => {
      const cut = named('cut', crop(enlarged(p, x), like));
      return { out: elementwiseAdd(relu(cut), cut) };
    });
    const [first, second] = nodesOf(fuseDeconvolution(graph));
    expect([first, second]).toEqual(['cut fusedDeconvolution', 'relu0 relu']);
  });
});
