import { expect, test } from 'vitest';
import { interpret, trace } from '../../src/graph/index.ts';
import { elementwiseAdd, mulScalar, named, relu } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { withGiven } from './given.ts';

const graph = trace(
  (_, { x }) => {
    const middle = named('middle', relu(x));
    return { direct: middle, sum: elementwiseAdd(mulScalar(middle, 10), x) };
  },
  { x: [2] },
);
const x = tensor([2], [-1, 2]);
const results = (of: typeof graph, more = {}): Record<string, number[]> => {
  const { outputs } = interpret(of, { inputs: { x, ...more }, parameters: new Map() });
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, [...data]]));
};

test('a given value takes the place of the computed one wherever it is read', () => {
  expect(results(graph)).toEqual({ direct: [0, 2], sum: [-1, 22] });
  const given = withGiven(graph, 'middle_output');
  expect(given.inputs.map(({ name, shape }) => [name, shape])).toEqual([
    ['x', [2]],
    ['middle_output', [2]],
  ]);
  expect(results(given, { middle_output: tensor([2], [5, 7]) })).toEqual({ direct: [5, 7], sum: [49, 72] });
});

test('the value itself changes nothing', () => {
  const given = withGiven(graph, 'middle_output');
  expect(results(given, { middle_output: tensor([2], [0, 2]) })).toEqual(results(graph));
});

test('a value that is not there cannot be given', () => {
  expect(() => withGiven(graph, 'end_output')).toThrow('there is no value called end_output');
});
