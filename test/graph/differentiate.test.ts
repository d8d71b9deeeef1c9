import { describe, expect, test } from 'vitest';
import { differentiate, gradientName, interpret, type Network, trace } from '../../src/graph/index.ts';
import {
  blockGrad,
  convolution,
  elementwiseAdd,
  elementwiseMul,
  exp,
  mulScalar,
  named,
  sgdMomentumUpdate,
  sum,
} from '../../src/ops/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';

const f64 = (shape: readonly number[], values: readonly number[]): Tensor =>
  tensor(shape, Float64Array.from(values));
const none = new Map<string, Tensor>();

/** Gradient of the sum of a network's output in its input `x`. */
function slope(network: Network<'x', 'loss'>, x: Tensor): number[] {
  const graph = differentiate(trace(network, { x: x.shape }), 'loss', ['x']);
  return [...interpret(graph, { inputs: { x }, parameters: none }).outputs[gradientName('x')]!.data];
}

describe('differentiate', () => {
  test('applies the chain rule: the slope of exp(2x) is 2 exp(2x)', () => {
    const x = f64([3], [-1, 0, 0.5]);
    expect(slope((_, inputs) => ({ loss: exp(mulScalar(inputs.x, 2)) }), x)).toEqual(
      [-1, 0, 0.5].map((v) => 2 * Math.exp(2 * v)),
    );
  });

  test('adds up the gradients of a value that is used twice', () => {
    expect(
      slope((_, { x }) => ({ loss: elementwiseMul(x, elementwiseAdd(x, x)) }), f64([2], [3, -5])),
    ).toEqual([12, -20]);
  });

  test('can be applied to its own result: the second derivative of x³ is 6x', () => {
    const cube: Network<'x', 'loss'> = (_, { x }) => ({ loss: elementwiseMul(x, elementwiseMul(x, x)) });
    const first = differentiate(trace(cube, { x: [2] }), 'loss', ['x']);
    const second = differentiate(first, gradientName('x'), ['x']);
    const { outputs } = interpret(second, { inputs: { x: f64([2], [2, -7]) }, parameters: none });
    expect([...outputs[gradientName('x')]!.data]).toEqual([12, -42]);
  });

  test('gives zeros for what the loss does not depend on, and behind a blockGrad', () => {
    const graph = differentiate(
      trace((_, { x, y }) => ({ loss: sum(elementwiseMul(x, blockGrad(x))), other: y }), { x: [2], y: [3] }),
      'loss',
      ['x', 'y'],
    );
    const { outputs } = interpret(graph, {
      inputs: { x: f64([2], [4, 5]), y: f64([3], [1, 1, 1]) },
      parameters: none,
    });
    expect([...outputs[gradientName('x')]!.data]).toEqual([4, 5]);
    expect([...outputs[gradientName('y')]!.data]).toEqual([0, 0, 0]);
  });

  test('reaches parameters, keeps the outputs and the names of nodes', () => {
    const network: Network<'data', 'out'> = (parameters, { data }) => ({
      out: named('layer', convolution(data, parameters.get('w', [1, 1, 1, 1]))),
    });
    const graph = differentiate(trace(network, { data: [1, 1, 1, 3] }), 'out', ['w']);
    const parameters = new Map([['w', f64([1, 1, 1, 1], [2])]]);
    const { outputs } = interpret(graph, { inputs: { data: f64([1, 1, 1, 3], [1, 2, 4]) }, parameters });
    expect([...outputs['out']!.data]).toEqual([2, 4, 8]);
    expect([...outputs[gradientName('w')]!.data]).toEqual([7]);
    expect(graph.nodes[0]!.name).toBe('layer');
  });

  test('takes the gradient that arrives at the loss as an input when asked to', () => {
    const graph = differentiate(
      trace((_, { x }) => ({ loss: mulScalar(x, 3) }), { x: [2] }),
      'loss',
      ['x'],
      { heads: true },
    );
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x', 'head/loss']);
    const inputs = { x: f64([2], [1, 1]), 'head/loss': f64([2], [10, 100]) };
    expect([...interpret(graph, { inputs, parameters: none }).outputs[gradientName('x')]!.data]).toEqual([
      30, 300,
    ]);
  });

  test.each([
    ['an output', ['missing'], ['x'], 'no output called missing; there is loss'],
    ['a target', ['loss'], ['missing'], 'no input or parameter called missing'],
  ])('says when there is no such %s', (_, losses, wrt, message) => {
    const graph = trace((_parameters, { x }) => ({ loss: exp(x) }), { x: [1] });
    expect(() => differentiate(graph, losses, wrt)).toThrow(message);
  });

  test('names the operator that has no gradient', () => {
    const graph = trace(
      (_, { x, g, m }) => ({ loss: named('step', sgdMomentumUpdate(x, g, m, { learningRate: 1 }).weight) }),
      { x: [1], g: [1], m: [1] },
    );
    expect(() => differentiate(graph, 'loss', ['x'])).toThrow('sgdMomentumUpdate (step) has no gradient');
  });
});
