import { describe, expect, test } from 'vitest';
import { interpret, type Network, trace } from '../../src/graph/index.ts';
import { concat, elementwiseAdd, operators, relu, runOperator, type Value } from '../../src/ops/index.ts';
import { ShapeError, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';

const none = (count: number): Tensor[] => Array.from({ length: count }, () => zeros([1, 1, 1, 1]));

describe('runOperator', () => {
  test.each([
    ['too few inputs', operators.convolution, 1, 'convolution: got 1 inputs, expected data, weight, bias?'],
    ['too many', operators.convolution, 4, 'convolution: got 4 inputs, expected data, weight, bias?'],
    ['too many without an optional one', operators.relu, 2, 'relu: got 2 inputs, expected data'],
    ['no inputs for an operator of any number', operators.concat, 0, 'got 0 inputs, expected at least one'],
  ])('refuses %s', (_, operator, count, message) => {
    expect(() => runOperator(operator, none(count), {})).toThrow(message);
    expect(() => runOperator(operator, none(count), {})).toThrow(ShapeError);
  });

  test('takes an optional input or leaves it out, and any number where any may come', () => {
    const [map, bias] = [zeros([1, 1, 1, 1]), zeros([1])];
    expect(runOperator(operators.convolution, [map, map], {})[0]!.shape).toEqual([1, 1, 1, 1]);
    expect(runOperator(operators.convolution, [map, map, bias], {})[0]!.shape).toEqual([1, 1, 1, 1]);
    expect(runOperator(operators.concat, none(1), {})[0]!.shape).toEqual([1, 1, 1, 1]);
    expect(runOperator(operators.concat, none(5), {})[0]!.shape).toEqual([1, 5, 1, 1]);
  });

  test('refuses inputs of two dtypes, and says which one is odd', () => {
    const [single, double] = [tensor([1, 1], [1]), tensor([1, 1], [1], 'float64')];
    expect(() => elementwiseAdd(single, double)).toThrow(
      'elementwiseAdd: rhs is float64, the first input is float32; convert one with cast',
    );
    expect(() => concat([double, double, single])).toThrow(
      'concat: input 2 is float32, the first input is float64',
    );
  });

  test('gives outputs in the dtype of the inputs', () => {
    expect(relu(tensor([1], [1], 'float64')).dtype).toBe('float64');
    expect(relu(tensor([1], [1])).dtype).toBe('float32');
  });
});

describe('apply', () => {
  /** Mixes a tensor, or a value of another graph, with a value of the graph. */
  const mixing =
    (foreign: Value, mix: <V extends Value>(foreign: V, data: V) => V): Network<'data', 'out'> =>
    <V extends Value>(_: unknown, { data }: Record<'data', V>) => ({ out: mix(foreign as V, data) });
  const traced = (network: Network<'data', 'out'>) => (): unknown => trace(network, { data: [1, 1] });

  test('refuses to mix tensors with values of a graph, and says which input is one', () => {
    const one = tensor([1, 1], [1]);
    const rest = 'is not a value of the graph being traced; pass it to the network as an input or parameter';
    expect(traced(mixing(one, (a, b) => elementwiseAdd(a, b)))).toThrow(`elementwiseAdd: lhs ${rest}`);
    expect(traced(mixing(one, (a, b) => elementwiseAdd(b, a)))).toThrow(`elementwiseAdd: rhs ${rest}`);
    expect(traced(mixing(one, (a, b) => concat([b, b, a])))).toThrow(`concat: input 2 ${rest}`);
  });

  test('refuses a value of another graph', () => {
    let other: Value | undefined;
    trace((_, { x }) => ({ y: (other = relu(x)) }), { x: [1, 1] });
    expect(traced(mixing(other!, (a, b) => elementwiseAdd(b, a)))).toThrow(
      'elementwiseAdd: rhs is not a value of the graph being traced',
    );
  });

  test('records what it would compute', () => {
    const network: Network<'data', 'out'> = (_, { data }) => ({ out: elementwiseAdd(data, relu(data)) });
    const data = tensor([1, 2], [-1, 3]);
    const graph = trace(network, { data: data.shape });
    const { outputs } = interpret(graph, { inputs: { data }, parameters: new Map() });
    expect(outputs['out']).toEqual(network({ get: () => data }, { data }).out);
  });
});
