import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  diffTrace,
  type Graph,
  interpret,
  interpretSteps,
  type Network,
  trace,
} from '../../src/graph/index.ts';
import {
  apply,
  elementwiseAdd,
  exp,
  mulScalar,
  named,
  type Operator,
  relu,
  type Value,
} from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';

const network: Network<'data', 'out'> = (parameters, { data }) => {
  const doubled = named('doubled', mulScalar(data, 2));
  parameters.get('unused', [1]);
  return { out: named('rectified', relu(doubled)) };
};
const graphOf = (): Graph => trace(network, { data: [3] });
const feeds = {
  inputs: { data: tensor([3], [-1, 0, 2]) },
  parameters: new Map([['unused', tensor([1], [0])]]),
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('interpret', () => {
  test('computes the outputs, and any named value on request', () => {
    const { outputs, kept } = interpret(graphOf(), feeds, { keep: ['doubled_output'] });
    expect([...outputs['out']!.data]).toEqual([0, 0, 4]);
    expect([...kept.get('doubled_output')!.data]).toEqual([-2, 0, 4]);
  });

  test('keeps whatever a predicate picks', () => {
    const keptBy = (keep: (name: string) => boolean): string[] => [
      ...interpret(graphOf(), feeds, { keep }).kept.keys(),
    ];
    expect(keptBy(() => true)).toEqual(['doubled_output', 'rectified_output']);
    expect(keptBy((name) => name.startsWith('rect'))).toEqual(['rectified_output']);
  });

  test('holds a value no longer than somebody may read it', async () => {
    const made: WeakRef<object>[] = [];
    const watchedOperator: Operator<readonly ['data']> = {
      name: 'watched',
      inputs: ['data'],
      outputs: ['output'],
      defaults: {},
      shape: ([data]) => [data],
      forward: ([out]) => void made.push(new WeakRef(out.data)),
    };
    const watched = <V extends Value>(x: V): V => apply(watchedOperator, [x], {})[0];
    const watchedNetwork: Network<'data', 'out'> = (_, { data }) => {
      watched(data); // read by nobody
      const [a, b] = [watched(data), watched(data)];
      const c = exp(a);
      return { out: watched(elementwiseAdd(elementwiseAdd(b, b), c)) };
    };
    const steps = interpretSteps(trace(watchedNetwork, { data: [3] }), feeds, {
      operators: { watched: watchedOperator },
    });
    const alive: number[] = [];
    for (let step = steps.next(); ; step = steps.next()) {
      await new Promise((resolve) => setTimeout(resolve)); // a WeakRef holds on to its object until the task ends
      collectGarbage();
      alive.push(made.filter((ref) => ref.deref() !== undefined).length);
      if (step.done) break;
    }
    // Before each of seven nodes and at the end: none, none, a, a and b, b (after exp), none (after b + b), none, out.
    expect(alive).toEqual([0, 0, 1, 2, 1, 0, 0, 1]);
  });

  test('goes node by node when asked to', () => {
    const seen = [...interpretSteps(graphOf(), feeds)].map(({ index, node }) => [index, node.name]);
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
    [
      'fewer numbers than the shape of an input says',
      { ...feeds, inputs: { data: { ...tensor([3], [0, 0, 0]), data: new Float32Array(2) } } },
      'input data: got 2 numbers for 3, expected 3',
    ],
    [
      'more numbers than the shape of a parameter says',
      { ...feeds, parameters: new Map([['unused', { ...tensor([1], [0]), data: new Float32Array(9) }]]) },
      'parameter unused: got 9 numbers for 1, expected 1',
    ],
    ['a missing parameter', { ...feeds, parameters: new Map() }, 'parameter unused (1) is missing'],
    [
      'a parameter of another shape',
      { ...feeds, parameters: new Map([['unused', tensor([2], [0, 0])]]) },
      'parameter unused: got 2, expected 1',
    ],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => interpret(graphOf(), wrong)).toThrow(message);
  });

  test('says what there is when a value to keep does not exist: up to three names that contain it', () => {
    const five: Network<'data', 'out'> = (_, { data }) => {
      const first = named('other', relu(data));
      const layers = ['layer0', 'layer1', 'layer2', 'layer3'];
      return { out: layers.reduce((x, name) => named(name, mulScalar(x, 2)), first) };
    };
    const refusal = (name: string): unknown => {
      try {
        return interpret(trace(five, { data: [3] }), feeds, { keep: ['other_output', name] });
      } catch (error) {
        return (error as Error).message;
      }
    };
    const missing = 'graph: there is no value called';
    expect(refusal('layer')).toBe(`${missing} layer; there is layer0_output, layer1_output, layer2_output`);
    expect(() => interpret(graphOf(), feeds, { keep: ['doubled'] })).toThrow('; there is doubled_output');
    expect(refusal('conv1')).toBe(`${missing} conv1; names end in _output`);
  });
});

describe('diffTrace', () => {
  const otherOf = (): Graph =>
    trace((_, { data }) => ({ out: named('rectified', exp(named('doubled', mulScalar(data, 2)))) }), {
      data: [3],
    });
  const kept = (which: Graph): ReadonlyMap<string, ReturnType<typeof tensor>> =>
    interpret(which, feeds, { keep: () => true }).kept;

  test('names the first value that differs, where and by how much', () => {
    const { first, rows } = diffTrace(kept(otherOf()), kept(graphOf()));
    expect(rows.map(({ name, agrees }) => [name, agrees])).toEqual([
      ['doubled_output', true],
      ['rectified_output', false],
    ]);
    expect(first?.name).toBe('rectified_output');
    expect(first?.message).toMatch(
      /^rectified_output: got 54\.598\d*, expected 4 at \(2\), 3 of 3 values beyond the tolerance, largest difference 5\.1e\+1$/,
    );
    expect(rows[0]!.message).toBe('doubled_output: largest difference 0.0e+0');
    expect(first?.difference?.misses).toBe(3);
  });

  test('finds nothing between a trace and itself', () => {
    expect(diffTrace(kept(graphOf()), kept(graphOf())).first).toBeUndefined();
  });

  test('allows a hundred-thousandth, and a hundred-thousandth of the value, unless told otherwise', () => {
    const agrees = (got: number, expected: number): boolean =>
      diffTrace([['x', tensor([1], [got], 'float64')]], [['x', tensor([1], [expected], 'float64')]]).first ===
      undefined;
    expect([agrees(0.9e-5, 0), agrees(1.1e-5, 0)]).toEqual([true, false]);
    expect([agrees(1e4 + 0.09, 1e4), agrees(1e4 + 0.11, 1e4)]).toEqual([true, false]);
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
