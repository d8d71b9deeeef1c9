import { describe, expect, test } from 'vitest';
import { deadCode, trace } from '../../../src/graph/index.ts';
import { concat, convolution, exp, named, relu, sliceChannel } from '../../../src/ops/index.ts';
import { holdToSameBits, nodesOf } from './kit.ts';

describe('deadCode', () => {
  test('gives the same bits on random graphs', () => {
    expect(() => holdToSameBits(deadCode)).not.toThrow();
  });

  test('drops nodes that no output depends on, with what only they read; inputs stay', () => {
    const graph = trace(
      (parameters, { x, y }) => {
        const dead = convolution(y, parameters.get('dead_weight', [1, 1, 1, 1]));
        named('dead', exp(relu(dead)));
        return { out: named('alive', convolution(x, parameters.get('weight', [1, 1, 1, 1]))) };
      },
      { y: [1, 1, 2, 2], x: [1, 1, 2, 2] },
    );
    const left = deadCode(graph);
    expect(nodesOf(left)).toEqual(['alive convolution']);
    expect(left.parameters.map(({ name }) => name)).toEqual(['weight']);
    expect(left.inputs).toEqual(graph.inputs);
    expect(left.nodes[0]!.inputs).toEqual([
      { from: 'input', index: 1 },
      { from: 'parameter', index: 0 },
    ]);
    expect(left.outputs).toEqual([{ name: 'out', value: { from: 'node', index: 0, output: 0 } }]);
  });

  test('keeps a node of which one output is read, and parameters that are outputs', () => {
    const graph = trace(
      (parameters, { x }) => ({ out: sliceChannel(x, { outputs: 2 })[1]!, weight: parameters.get('w', [3]) }),
      { x: [1, 4] },
    );
    expect(deadCode(graph)).toBe(graph);
  });

  test('gives the graph itself back where all is alive', () => {
    const graph = trace((_, { x }) => ({ out: concat([relu(x), exp(x)]) }), { x: [1, 4] });
    expect(deadCode(graph)).toBe(graph);
  });
});
