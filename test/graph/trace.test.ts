import { describe, expect, test } from 'vitest';
import {
  checkpointParameters,
  type Graph,
  nameOf,
  type Network,
  removeUnusedInputs,
  statistics,
  trace,
  valueName,
} from '../../src/graph/index.ts';
import {
  concat,
  convolution,
  elementwiseAdd,
  mulScalar,
  named,
  operators,
  relu,
  sliceChannel,
  tileAs,
  type Value,
} from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';

/** A 1 × 1 convolution, a ReLU, and the sum of its two halves. */
const network: Network<'data', 'out'> = (parameters, { data }) => {
  const weight = parameters.get('first_weight', [4, 2, 1, 1]);
  const bias = parameters.get('first_bias', [4]);
  const x = relu(named('first', convolution(data, weight, bias)));
  const [a, b] = sliceChannel(x, { outputs: 2 });
  return { out: elementwiseAdd(a!, b!) };
};

const graphOf = (): Graph => trace(network, { data: [1, 2, 3, 3] });

describe('trace', () => {
  test('writes a network down: inputs, parameters in order of first use, nodes and outputs', () => {
    const graph = graphOf();
    expect(graph.inputs).toEqual([{ name: 'data', shape: [1, 2, 3, 3] }]);
    expect(graph.parameters.map(({ name }) => name)).toEqual(['first_weight', 'first_bias']);
    expect(graph.nodes.map(({ name, operator }) => [name, operator])).toEqual([
      ['first', 'convolution'],
      ['relu0', 'relu'],
      ['sliceChannel0', 'sliceChannel'],
      ['elementwiseAdd0', 'elementwiseAdd'],
    ]);
    expect(graph.nodes[2]!.shapes).toEqual([
      [1, 2, 3, 3],
      [1, 2, 3, 3],
    ]);
    expect(graph.nodes.map(({ outputs }) => outputs)).toEqual([
      ['output'],
      ['output'],
      ['output0', 'output1'],
      ['output'],
    ]);
    expect(graph.outputs).toEqual([{ name: 'out', value: { from: 'node', index: 3, output: 0 } }]);
  });

  test('knows every value by name: ports as they are called, outputs of nodes as MXNet forms it', () => {
    const graph = graphOf();
    expect(graph.nodes.map((node) => valueName(node, 0))).toEqual([
      'first_output',
      'relu0_output',
      'sliceChannel0_output0',
      'elementwiseAdd0_output',
    ]);
    expect(graph.nodes.map(({ inputs }) => inputs.map((value) => nameOf(graph, value)))).toEqual([
      ['data', 'first_weight', 'first_bias'],
      ['first_output'],
      ['relu0_output'],
      ['sliceChannel0_output0', 'sliceChannel0_output1'],
    ]);
  });

  test('calls a single part of a varying number output, without a number', () => {
    const { nodes } = trace((_, { x }) => ({ y: sliceChannel(x, { outputs: 1 })[0]! }), { x: [1, 2] });
    expect(nodes[0]!.outputs).toEqual(['output']);
  });

  test('calls the only output of an operator what its operator calls it', () => {
    const { nodes } = trace((_, { x, y }) => ({ z: tileAs(x, y) }), { x: [1, 2], y: [3, 2] });
    expect(nodes[0]!.outputs).toEqual(['data_tiled']);
  });

  test('gives plain data that survives JSON, and is frozen through and through', () => {
    const graph = graphOf();
    expect(JSON.parse(JSON.stringify(graph))).toEqual(graph);
    const parts = (value: unknown): object[] =>
      typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(parts)] : [];
    expect(parts(graph).length).toBeGreaterThan(40);
    expect(parts(graph).filter((part) => !Object.isFrozen(part))).toEqual([]);
  });

  test('does not freeze what belongs to the operators', () => {
    graphOf();
    expect(Object.isFrozen(operators.convolution.outputs)).toBe(false);
  });

  test('records attributes with their defaults filled in', () => {
    expect(graphOf().nodes[0]!.attributes).toEqual({ stride: 1, pad: 0, dilation: 1, groups: 1 });
  });

  test('runs the same function eagerly on tensors', () => {
    const checkpoint = new Map([
      ['first_weight', tensor([4, 2, 1, 1], [1, 0, 0, 1, -1, 0, 0, 2])],
      ['first_bias', tensor([4], [0, 0, 1, 0])],
    ]);
    const data = tensor([1, 2, 1, 1], [3, 5]);
    expect([...network(checkpointParameters(checkpoint), { data }).out.data]).toEqual([3 + 0, 5 + 10]);
  });

  test('finds a layer that does not fit before anything is computed', () => {
    expect(() => trace(network, { data: [1, 3, 3, 3] })).toThrow('weight has 2 input channels, data has 3');
  });

  test('refuses one parameter name with two shapes', () => {
    const odd: Network<'data', 'out'> = (parameters, { data }) => {
      parameters.get('w', [1]);
      parameters.get('w', [2]);
      return { out: data };
    };
    expect(() => trace(odd, { data: [1] })).toThrow('parameter w is used with two shapes, 1 and 2');
  });

  test('refuses to mix tensors with symbols', () => {
    const mixing: Network<'data', 'out'> = <V extends Value>(_: unknown, { data }: Record<'data', V>) => ({
      out: concat([data, tensor([1, 1, 1, 1], [1]) as unknown as V]),
    });
    expect(() => trace(mixing, { data: [1, 1, 1, 1] })).toThrow('is not a value of the graph being traced');
  });

  test('counts unnamed nodes per prefix, as the prefixes say', () => {
    const twice: Network<'data', 'out'> = (_, { data }) => ({
      out: mulScalar(named('mine', mulScalar(mulScalar(data, 2), 3)), 4),
    });
    const names = trace(twice, { data: [1] }, { prefix: () => '_mulscalar' }).nodes.map(({ name }) => name);
    expect(names).toEqual(['_mulscalar0', 'mine', '_mulscalar1']);
  });
});

describe('removeUnusedInputs', () => {
  test('keeps what is read or handed through, and moves the references', () => {
    const graph = trace((_, { a: _a, b, c }) => ({ out: relu(c), same: b }), { a: [1], b: [2], c: [3] });
    const smaller = removeUnusedInputs(graph);
    expect(smaller.inputs.map(({ name }) => name)).toEqual(['b', 'c']);
    expect(smaller.nodes[0]!.inputs).toEqual([{ from: 'input', index: 1 }]);
    expect(smaller.outputs[1]!.value).toEqual({ from: 'input', index: 0 });
  });
});

describe('statistics', () => {
  test('counts multiply-adds, parameters and bytes', () => {
    const { multiplyAdds, parameterCount, parameterBytes, activationBytes, nodes } = statistics(graphOf());
    expect(multiplyAdds).toBe(4 * 2 * 9);
    expect(parameterCount).toBe(12);
    expect(parameterBytes).toBe(48);
    expect(activationBytes).toBe(4 * (36 + 36 + 36 + 18));
    expect(nodes.map((node) => node.outputBytes)).toEqual([144, 144, 144, 72]);
  });

  test('knows how much is alive at once', () => {
    // The convolution's and ReLU's maps together, then ReLU's and its halves: 288 bytes; never three of them.
    expect(statistics(graphOf()).peakActivationBytes).toBe(288);
  });

  test('counts an output as alive to the end, and what nobody reads only where it is made', () => {
    const small = trace(
      (_, { x }) => {
        relu(x);
        const first = relu(x);
        return { first, last: mulScalar(mulScalar(first, 2), 3) };
      },
      { x: [10] },
    );
    expect(statistics(small).peakActivationBytes).toBe(3 * 40);
  });

  test('counts all outputs of a node as alive until the last of them is read', () => {
    const graph = trace(
      (_, { x }) => {
        const [a, b] = sliceChannel(x, { outputs: 2 }); // 80 bytes
        const early = relu(a!); // 40 bytes; a is not read again
        concat([early, early, early]); // 120 bytes
        return { late: elementwiseAdd(b!, early) };
      },
      { x: [1, 20] },
    );
    expect(statistics(graph).peakActivationBytes).toBe(80 + 40 + 120);
  });

  test('counts nothing where nothing is computed', () => {
    const { multiplyAdds, activationBytes, peakActivationBytes } = statistics(
      trace((_, { x }) => ({ x }), { x: [10] }),
    );
    expect([multiplyAdds, activationBytes, peakActivationBytes]).toEqual([0, 0, 0]);
  });
});

test('outputs that are not of the graph are refused, as callers without types may give them', () => {
  const traced = (outputs: unknown): unknown => trace((() => outputs) as Network<'x', 'y'>, { x: [2] });
  expect(() => traced(undefined)).toThrow('the network returned undefined, expected its outputs by name');
  expect(() => traced({ y: undefined })).toThrow('trace: output y is undefined');
  expect(() => traced({ y: tensor([2], [1, 2]) })).toThrow('trace: output y is no value of this graph');
  let other: Value | undefined;
  trace((_, { x }) => ({ y: (other = relu(x)) }), { x: [2] });
  expect(() => traced({ y: other })).toThrow('trace: output y is no value of this graph');
});
