import { describe, expect, test } from 'vitest';
import {
  differentiate,
  gradientName,
  type Graph,
  interpret,
  statistics,
  trace,
} from '../../src/graph/index.ts';
import { apply, elementwiseMul, mulScalar, type Operator, type Value } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';

/** x², an operator that the table does not have. */
const squareOperator: Operator<readonly ['data']> = {
  name: 'square',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},
  shape: ([data]) => [data],
  forward([out], [data]) {
    out.data.set(data.data.map((x) => x * x));
  },
  multiplyAdds: ([data]) => data[0]!,
  gradient: ([head], [data]) => [() => elementwiseMul(head, mulScalar(data, 2))],
};

function square<V extends Value>(data: V): V {
  return apply(squareOperator, [data], {})[0];
}

describe('operators of your own', () => {
  const graphOf = (): Graph => trace((_, { x }) => ({ loss: square(square(x)) }), { x: [2] });
  const operators = { square: squareOperator };
  const feeds = { inputs: { x: tensor([2], [2, -1]) }, parameters: new Map() };

  test('run in a graph', () => {
    expect([...interpret(graphOf(), feeds, { operators }).outputs['loss']!.data]).toEqual([16, 1]);
  });

  test('are differentiated: the slope of x⁴ is 4x³', () => {
    const slope = differentiate(graphOf(), 'loss', ['x'], { operators });
    expect([...interpret(slope, feeds, { operators }).outputs[gradientName('x')]!.data]).toEqual([32, -4]);
  });

  test('are counted', () => {
    expect(statistics(graphOf(), operators).multiplyAdds).toBe(4);
  });

  test('that were not handed in are missed by name', () => {
    const message = 'there is no operator called square; hand in your own as { operators: { square } }';
    expect(() => interpret(graphOf(), feeds)).toThrow(message);
    expect(() => statistics(graphOf())).toThrow(message);
    expect(() => differentiate(graphOf(), 'loss', ['x'])).toThrow(message);
  });
});
