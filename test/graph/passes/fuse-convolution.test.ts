import { describe, expect, test } from 'vitest';
import { fuseConvolution, type Graph, type Parameters, trace } from '../../../src/graph/index.ts';
import {
  broadcastAdd,
  convolution,
  elementwiseAdd,
  leakyRelu,
  named,
  relu,
  sigmoid,
  type Value,
} from '../../../src/ops/index.ts';
import type { Shape } from '../../../src/tensor/index.ts';
import { holdToSameBits, nodesOf } from './kit.ts';

const data: Shape = [1, 2, 4, 4];

/** A 1 × 1 convolution of two channels, with bias. */
function layer<V extends Value>(parameters: Parameters<V>, name: string, x: V, biased = true): V {
  const weight = parameters.get(`${name}_weight`, [2, 2, 1, 1]);
  return named(name, convolution(x, weight, biased ? parameters.get(`${name}_bias`, [2]) : undefined));
}

/** A graph of one input, and one output unless there are more. */
const graphOf = (
  network: <V extends Value>(parameters: Parameters<V>, x: V) => V | Readonly<Record<string, V>>,
): Graph =>
  trace(
    (parameters, { x }) => {
      const made = network(parameters, x);
      return ('recorder' in made || 'data' in made ? { out: made } : made) as Record<string, typeof x>;
    },
    { x: data },
  );

describe('fuseConvolution', () => {
  test('gives the same bits on random graphs', () => {
    expect(() => holdToSameBits(fuseConvolution)).not.toThrow();
  });

  test('joins convolution, shortcut and activation under the name of the last', () => {
    const graph = graphOf((parameters, x) => {
      const y = named('unit', broadcastAdd(x, layer(parameters, 'last', x)));
      return named('unit_relu', relu(y));
    });
    const fused = fuseConvolution(graph);
    expect(nodesOf(fused)).toEqual(['unit_relu fusedConvolution']);
    expect(fused.nodes[0]).toEqual({
      name: 'unit_relu',
      operator: 'fusedConvolution',
      attributes: { stride: 1, pad: 0, dilation: 1, groups: 1, slope: 0 },
      inputs: [
        { from: 'input', index: 0 },
        { from: 'parameter', index: 0 },
        { from: 'parameter', index: 1 },
        { from: 'input', index: 0 },
      ],
      outputs: ['output'],
      shapes: [data],
    });
    expect(fused.outputs).toEqual([{ name: 'out', value: { from: 'node', index: 0, output: 0 } }]);
  });

  test('joins either alone: a shortcut without activation, an activation with its slope and without shortcut', () => {
    const sum = fuseConvolution(graphOf((p, x) => named('sum', elementwiseAdd(layer(p, 'a', x), x))));
    expect(sum.nodes.map(({ attributes }) => attributes['slope'])).toEqual([1]);
    const leaky = fuseConvolution(
      graphOf((p, x) => named('leaky', leakyRelu(layer(p, 'a', x), { slope: 0.1 }))),
    );
    expect(
      leaky.nodes.map(({ name, inputs, attributes }) => [name, inputs.length, attributes['slope']]),
    ).toEqual([['leaky', 3, 0.1]]);
  });

  test('keeps strides, pads, dilations and groups', () => {
    const geometry = { stride: [1, 2], pad: 2, dilation: 2, groups: 2 } as const;
    const graph = graphOf((p, x) => relu(convolution(x, p.get('w', [4, 1, 3, 3]), undefined, geometry)));
    expect(fuseConvolution(graph).nodes.map(({ attributes }) => attributes)).toEqual([
      { ...geometry, slope: 0 },
    ]);
  });

  test('stands where the sum stood when the shortcut is computed after the convolution', () => {
    const graph = graphOf((parameters, x) => {
      const y = layer(parameters, 'a', x);
      return relu(elementwiseAdd(y, named('late', sigmoid(x))));
    });
    expect(nodesOf(graph)).toEqual([
      'a convolution',
      'late sigmoid',
      'elementwiseAdd0 elementwiseAdd',
      'relu0 relu',
    ]);
    expect(nodesOf(fuseConvolution(graph))).toEqual(['late sigmoid', 'relu0 fusedConvolution']);
  });

  test('of two convolutions that are added up, the later takes the sum; the earlier is its shortcut', () => {
    const graph = graphOf((parameters, x) => {
      const first = named('first_relu', relu(layer(parameters, 'first', x)));
      const [projection, last] = [layer(parameters, 'projection', x), layer(parameters, 'last', first)];
      return named('sum', elementwiseAdd(last, projection));
    });
    const fused = fuseConvolution(graph);
    expect(nodesOf(fused)).toEqual([
      'first_relu fusedConvolution',
      'projection convolution',
      'sum fusedConvolution',
    ]);
    expect(fused.nodes[2]!.inputs[3]).toEqual({ from: 'node', index: 1, output: 0 });
  });

  test.each<[string, Graph]>([
    ['a convolution alone', graphOf((p, x) => sigmoid(layer(p, 'a', x)))],
    [
      'a convolution that somebody else reads',
      graphOf((p, x) => {
        const y = layer(p, 'a', x);
        return elementwiseAdd(relu(y), sigmoid(y));
      }),
    ],
    [
      'a convolution that is an output',
      graphOf((p, x) => {
        const y = layer(p, 'a', x);
        return { y, out: relu(y) };
      }),
    ],
    [
      'a convolution added to itself',
      graphOf((p, x) => {
        const y = layer(p, 'a', x);
        return elementwiseAdd(y, y);
      }),
    ],
    ['a sum that repeats axes', graphOf((p, x) => broadcastAdd(layer(p, 'a', x), p.get('s', [1, 2, 1, 1])))],
    [
      'a convolution that is itself repeated',
      graphOf((p, x) => broadcastAdd(x, convolution(x, p.get('w', [1, 2, 4, 4]), p.get('b', [1])))),
    ],
    [
      'a sum behind a convolution without bias',
      graphOf((p, x) => elementwiseAdd(layer(p, 'a', x, false), x)),
    ],
    ['a negative slope', graphOf((p, x) => leakyRelu(layer(p, 'a', x), { slope: -1 }))],
    ['a leaky slope of 0', graphOf((p, x) => leakyRelu(layer(p, 'a', x), { slope: 0 }))],
  ])('leaves %s alone', (_, graph) => {
    expect(fuseConvolution(graph)).toBe(graph);
  });

  test('an activation behind a sum that somebody else reads stays, the shortcut is joined', () => {
    const graph = graphOf((p, x) => {
      const sum = named('sum', elementwiseAdd(x, layer(p, 'a', x)));
      return elementwiseAdd(relu(sum), sum);
    });
    expect(nodesOf(fuseConvolution(graph))).toEqual([
      'sum fusedConvolution',
      'relu0 relu',
      'elementwiseAdd0 elementwiseAdd',
    ]);
  });
});
