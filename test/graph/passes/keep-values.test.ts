import { describe, expect, test } from 'vitest';
import { type Graph, interpret, keepValues, optimize, trace } from '../../../src/graph/index.ts';
import { convolution, exp, named, relu, sliceChannel } from '../../../src/ops/index.ts';
import { nodesOf, parametersOf } from './kit.ts';

const network = (): Graph =>
  trace(
    (parameters, { x }) => {
      const layer = named('layer', convolution(x, parameters.get('w', [2, 2, 1, 1])));
      const [first] = sliceChannel(named('act', relu(layer)), { outputs: 2 });
      return { act_output: named('last', exp(first!)) };
    },
    { x: [1, 2, 2, 2] },
  );

describe('keepValues', () => {
  test('adds named values as outputs, behind those that are there, once each', () => {
    const kept = keepValues(network(), ['layer_output', 'sliceChannel0_output1', 'layer_output']);
    expect(kept.outputs).toEqual([
      { name: 'act_output', value: { from: 'node', index: 3, output: 0 } },
      { name: 'layer_output', value: { from: 'node', index: 0, output: 0 } },
      { name: 'sliceChannel0_output1', value: { from: 'node', index: 2, output: 1 } },
    ]);
    const again = keepValues(kept, ['layer_output']);
    expect(again).toBe(kept);
  });

  test('no later pass fuses them away, and they have the values that interpret keeps', () => {
    const graph = network();
    expect(nodesOf(optimize(graph).graph)[0]).toBe('act fusedConvolution');
    const { graph: optimized } = optimize(keepValues(graph, ['layer_output']));
    expect(nodesOf(optimized).slice(0, 2)).toEqual(['layer convolution', 'act relu']);
    const feeds = {
      inputs: Object.fromEntries(parametersOf(graph.inputs, 1)),
      parameters: parametersOf(graph.parameters, 2),
    };
    const { kept } = interpret(graph, feeds, { keep: ['layer_output'] });
    expect(interpret(optimized, feeds).outputs['layer_output']).toEqual(kept.get('layer_output'));
  });

  test('of two nodes of one name, keeps the later one', () => {
    const twins = trace((_, { x }) => ({ out: exp(named('twin', exp(named('twin', relu(x))))) }), { x: [1] });
    expect(keepValues(twins, ['twin_output']).outputs[1]!.value).toEqual({
      from: 'node',
      index: 1,
      output: 0,
    });
  });

  test.each([
    ['lay', 'graph: there is no value called lay; there is layer_output'],
    ['conv7_output', 'graph: there is no value called conv7_output; names end in _output'],
    ['act_output', 'keepValues: act_output is the name of an output already, of the value last_output'],
  ])('refuses %s', (name, message) => {
    expect(() => keepValues(network(), [name])).toThrow(message);
  });
});
