import { describe, expect, test } from 'vitest';
import { diffTrace, interpret, interpretSteps, type Network, trace } from '../../src/graph/index.ts';
import { exp, mulScalar, named, relu } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';

const network: Network<'data', 'out'> = (parameters, { data }) => {
  const doubled = named('doubled', mulScalar(data, 2));
  parameters.get('unused', [1]);
  return { out: named('rectified', relu(doubled)) };
};
const graph = trace(network, { data: [3] });
const feeds = {
  inputs: { data: tensor([3], [-1, 0, 2]) },
  parameters: new Map([['unused', tensor([1], [0])]]),
};

describe('interpret', () => {
  test('computes the outputs, and any named value on request', () => {
    const { outputs, kept } = interpret(graph, feeds, { keep: ['doubled_output'] });
    expect([...outputs['out']!.data]).toEqual([0, 0, 4]);
    expect([...kept.get('doubled_output')!.data]).toEqual([-2, 0, 4]);
  });

  test('keeps whatever a predicate picks', () => {
    expect([...interpret(graph, feeds, { keep: () => true }).kept.keys()]).toEqual([
      'doubled_output',
      'rectified_output',
    ]);
  });

  test('goes node by node when asked to', () => {
    const seen = [...interpretSteps(graph, feeds)].map(({ index, node }) => [index, node.name]);
    expect(seen).toEqual([
      [0, 'doubled'],
      [1, 'rectified'],
    ]);
  });

  test.each([
    ['a missing input', { ...feeds, inputs: {} }, 'input data (3) was not fed'],
    [
      'an input of another shape',
      { ...feeds, inputs: { data: tensor([2], [0, 0]) } },
      'input data: got 2, expected 3',
    ],
    ['a missing parameter', { ...feeds, parameters: new Map() }, 'parameter unused (1) is missing'],
    [
      'a parameter of another shape',
      { ...feeds, parameters: new Map([['unused', tensor([2], [0, 0])]]) },
      'parameter unused: got 2, expected 1',
    ],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => interpret(graph, wrong)).toThrow(message);
  });

  test('says what there is when a value to keep does not exist', () => {
    expect(() => interpret(graph, feeds, { keep: ['doubled'] })).toThrow(
      'there is no value called doubled; there is doubled_output',
    );
  });
});

describe('diffTrace', () => {
  const other = trace(
    (_, { data }) => ({ out: named('rectified', exp(named('doubled', mulScalar(data, 2)))) }),
    { data: [3] },
  );
  const kept = (which: typeof graph): ReadonlyMap<string, ReturnType<typeof tensor>> =>
    interpret(which, feeds, { keep: () => true }).kept;

  test('names the first value that differs, where and by how much', () => {
    const { first, rows } = diffTrace(kept(other), kept(graph));
    expect(rows.map(({ name, agrees }) => [name, agrees])).toEqual([
      ['doubled_output', true],
      ['rectified_output', false],
    ]);
    expect(first?.name).toBe('rectified_output');
    expect(first?.message).toContain('expected 4 at (2)');
    expect(first?.difference?.misses).toBe(3);
  });

  test('finds nothing between a trace and itself', () => {
    expect(diffTrace(kept(graph), kept(graph)).first).toBeUndefined();
  });

  test('lists names that only one side has, and shapes that differ', () => {
    const a = new Map([
      ['x', tensor([1], [1])],
      ['y', tensor([2], [1, 1])],
    ]);
    const b = new Map([
      ['y', tensor([1], [1])],
      ['z', tensor([1], [1])],
    ]);
    const { onlyInA, onlyInB, first } = diffTrace(a, b);
    expect([onlyInA, onlyInB]).toEqual([['x'], ['z']]);
    expect(first?.message).toBe('y: got shape 2, expected 1');
  });

  test('counts NaN against a number as a difference, and NaN against NaN as none', () => {
    const [number, none] = [tensor([1], [1]), tensor([1], [NaN])];
    expect(diffTrace([['x', none]], [['x', number]]).first?.difference?.absolute).toBe(Infinity);
    expect(diffTrace([['x', none]], [['x', none]]).first).toBeUndefined();
  });
});
