import { describe, expect, test } from 'vitest';
import { deadCode, type Graph, removeViews, trace } from '../../../src/graph/index.ts';
import {
  blockGrad,
  broadcastTo,
  concat,
  crop,
  embed,
  exp,
  named,
  reshape,
  slice,
  sliceAxis,
  sliceChannel,
  tile,
  tileAs,
  transpose,
  type Value,
} from '../../../src/ops/index.ts';
import { holdToSameBits, nodesOf } from './kit.ts';

type Change = <V extends Value>(x: V) => V;

/** exp, a change of it, and exp again, so that the change is neither input nor output. */
const between = (change: Change, shape: readonly number[] = [1, 2, 3, 4]): Graph =>
  trace((_, { x }) => ({ out: named('second', exp(change(named('first', exp(x))))) }), { x: shape });

const removed = ['first exp', 'second exp'];

describe('removeViews', () => {
  test('gives the same bits on random graphs, alone and before dead code is dropped', () => {
    expect(() => holdToSameBits(removeViews)).not.toThrow();
    expect(() => holdToSameBits((graph) => deadCode(removeViews(graph)))).not.toThrow();
  });

  test.each<[string, Change]>([
    ['a reshape to the shape that is there', (x) => reshape(x, { shape: [1, 2, 3, 4] })],
    ['a reshape by codes', (x) => reshape(x, { shape: [0, -2] })],
    ['a gradient stop', (x) => blockGrad(x)],
    ['a join of one value', (x) => concat([x])],
    ['a single slice', (x) => sliceChannel(x, { outputs: 1 })[0]!],
    ['a slice of everything', (x) => slice(x, { begin: [0, null], end: [null, 9], step: [null, 1] })],
    ['a slice without steps', (x) => slice(x, { begin: [null], end: [null] })],
    ['a whole axis', (x) => sliceAxis(x, { axis: -1, begin: 0, end: 4 })],
    ['a transposition of nothing', (x) => transpose(x, { axes: [0, 1, -2, 3] })],
    ['a single tile', (x) => tile(x, { reps: [1, 1] })],
    ['an image that is repeated once', (x) => tileAs(x, x)],
    ['a broadcast to the shape that is there', (x) => broadcastTo(x, { shape: [1, 2, 3, 4] })],
    ['a window of everything', (x) => crop(x, x)],
    ['a frame of no width', (x) => embed(x, { shape: [1, 2, 3, 4], begin: [0, 0, 0, 0] })],
    ['several of them', (x) => blockGrad(concat([reshape(blockGrad(x), { shape: [0, 0, 0, 0] })]))],
  ])('takes out %s', (_, change) => {
    expect(nodesOf(removeViews(between(change)))).toEqual(removed);
  });

  test.each<[string, Change, number[]?]>([
    ['another shape', (x) => reshape(x, { shape: [2, -1] })],
    ['other rows', (x) => slice(x, { begin: [null, null], end: [null, null], step: [null, -1] })],
    ['a part', (x) => sliceAxis(x, { axis: 1, end: 1 })],
    ['a join of a value with itself', (x) => concat([x, x])],
    ['both halves', (x) => concat([...sliceChannel(x, { outputs: 2 })].toReversed())],
    ['a transposition between axes of one size', (x) => transpose(x), [3, 3]],
    ['the same with axes', (x) => transpose(x, { axes: [1, 0] }), [3, 3]],
    ['a dropped axis', (x) => sliceChannel(x, { outputs: 1, axis: 0, squeeze: true })[0]!],
  ])('leaves %s alone', (_, change, shape) => {
    const graph = between(change, shape);
    expect(removeViews(graph)).toBe(graph);
  });

  test('a reshape of a reshape reads what came before both', () => {
    const graph = between((x) =>
      named('third', reshape(named('inner', reshape(x, { shape: [-1] })), { shape: [4, -1], reverse: true })),
    );
    const removedInner = deadCode(removeViews(graph));
    expect(nodesOf(removedInner)).toEqual(['first exp', 'third reshape', 'second exp']);
    expect(removedInner.nodes[1]).toMatchObject({
      attributes: { shape: [4, 6], reverse: false },
      inputs: [{ from: 'node', index: 0, output: 0 }],
      shapes: [[4, 6]],
    });
  });

  test('reshapes that lead back to the shape before them disappear', () => {
    const graph = between((x) => reshape(reshape(x, { shape: [-1] }), { shape: [1, 2, 3, 4] }));
    expect(nodesOf(deadCode(removeViews(graph)))).toEqual(removed);
  });

  test('reshapes of empty values, for whose shapes there are no codes, stay as they are', () => {
    const graph = between((x) => reshape(reshape(x, { shape: [0, 2, 2] }), { shape: [0, 4, 1] }), [0, 4]);
    expect(deadCode(removeViews(graph))).toEqual(graph);
  });

  test('outputs stay values of their own, and keep their names', () => {
    const graph = trace(
      (_, { x }) => {
        const stopped = named('stopped', blockGrad(x));
        return { stopped_output: stopped, twice_output: named('twice', reshape(stopped, { shape: [0, 0] })) };
      },
      { x: [2, 3] },
    );
    expect(removeViews(graph)).toBe(graph);
  });
});
