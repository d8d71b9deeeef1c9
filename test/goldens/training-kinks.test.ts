import { expect, test } from 'vitest';
import { differentiate, gradientName, trace } from '../../src/graph/index.ts';
import {
  elementwiseAdd,
  elementwiseMul,
  elementwiseSub,
  makeLoss,
  named,
  relu,
} from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { kinksOf } from './training-kinks.ts';

/** The loss is relu(a + b − c) · w, element by element. */
const loss = trace(
  (_, { a, b, c, w }) => {
    const rectified = relu(named('input', elementwiseSub(elementwiseAdd(a, b), c)));
    return { loss: makeLoss(elementwiseMul(rectified, w)) };
  },
  { a: [2], b: [2], c: [2], w: [2] },
);
const graph = differentiate(loss, ['loss'], ['a']);
const pair = (first: number, second: number) => tensor([2], [first, second], 'float64');

test('an input that float32 finds on the other side of zero is put there', () => {
  // 0.1 + 0.2 − 0.3 is 5.6e-17 in float64 and 0 in float32.
  const feeds = { a: pair(0.1, 1), b: pair(0.2, 1), c: pair(0.3, 1), w: pair(3, 5) };
  const kinks = kinksOf(graph, feeds, new Map());
  expect(kinks!.count).toBe(1);
  expect([...kinks!.outputs[gradientName('a')]!.data]).toEqual([0, 5]);
});

test('where float32 decides alike there is nothing to say', () => {
  const feeds = { a: pair(0.4, 1), b: pair(0.2, 1), c: pair(0.3, 3), w: pair(3, 5) };
  expect(kinksOf(graph, feeds, new Map())).toBeUndefined();
});

test('an input that is far from zero for its layer is no kink', () => {
  // float32 loses the 1 beside 1e8, and the layer has nothing larger than that 1.
  const feeds = { a: pair(1e8, 0), b: pair(1, 0), c: pair(1e8, 0), w: pair(3, 5) };
  expect(kinksOf(graph, feeds, new Map())).toBeUndefined();
});
