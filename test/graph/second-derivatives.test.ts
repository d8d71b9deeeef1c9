/**
 * Gradients are written with operators, so they have gradients themselves. For each operator f the loss Σ f(x)² is
 * differentiated twice, and held against central differences of its first gradient.
 */
import { expect, test } from 'vitest';
import { differentiate, gradientName, type Graph, interpret, trace } from '../../src/graph/index.ts';
import * as ops from '../../src/ops/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import { randomNumbers } from '../../src/testing/index.ts';

type Unary = <V extends ops.Value>(x: V) => V;

const SHAPE = [2, 3, 2, 4];
const STEP = 1e-5;

/** Part of the data as [2, 1, 2, 1], so that all axes that can repeat do. */
const corner: Unary = (x) => ops.slice(x, { begin: [null, 1, null, 2], end: [null, 2, null, 3] });

const functions: Readonly<Record<string, Unary>> = {
  broadcastAdd: (x) => ops.broadcastAdd(x, corner(x)),
  broadcastDiv: (x) => ops.broadcastDiv(x, corner(x)),
  'broadcastDiv of the smaller': (x) => ops.broadcastDiv(corner(x), x),
  broadcastMul: (x) => ops.broadcastMul(x, corner(x)),
  broadcastSub: (x) => ops.broadcastSub(corner(x), x),
  broadcastTo: (x) => ops.broadcastTo(corner(x), { shape: SHAPE }),
  clip: (x) => ops.clip(x, { min: 1, max: 2 }),
  concat: (x) => ops.concat([x, ops.exp(x)], { axis: 2 }),
  crop: (x) => ops.crop(x, corner(x), { offset: [0, 1] }),
  divScalar: (x) => ops.divScalar(x, 3),
  elementwiseAdd: (x) => ops.elementwiseAdd(x, ops.exp(x)),
  elementwiseMul: (x) => ops.elementwiseMul(x, ops.exp(x)),
  elementwiseSub: (x) => ops.elementwiseSub(ops.exp(x), x),
  embed: (x) => ops.embed(x, { shape: [2, 5, 4, 7], begin: [0, 4, 1, 6], step: [1, -2, 2, -1] }),
  exp: (x) => ops.exp(x),
  leakyRelu: (x) => ops.leakyRelu(ops.minusScalar(x, 1), { slope: 0.1 }),
  log: (x) => ops.log(x),
  mean: (x) => ops.mean(x, { axes: [1, 3] }),
  minusScalar: (x) => ops.minusScalar(x, 3),
  mulScalar: (x) => ops.mulScalar(x, 3),
  plusScalar: (x) => ops.plusScalar(x, 3),
  rdivScalar: (x) => ops.rdivScalar(x, 3),
  relu: (x) => ops.relu(ops.minusScalar(x, 1)),
  reshape: (x) => ops.reshape(x, { shape: [-3, -3] }),
  rminusScalar: (x) => ops.rminusScalar(x, 3),
  scatterRows: (x) => ops.scatterRows(x, rowsOf(x), { rows: 2 }),
  sigmoid: (x) => ops.sigmoid(x),
  slice: (x) => ops.slice(x, { begin: [null, 2, null, 3], end: [null, null, null, 0], step: [1, -1, 1, -2] }),
  sliceAxis: (x) => ops.sliceAxis(x, { axis: -1, begin: 1, end: 3 }),
  sliceChannel: (x) => ops.elementwiseMul(...pairOf(ops.sliceChannel(x, { outputs: 2, axis: 3 }))),
  smoothL1: (x) => ops.smoothL1(x),
  sqrt: (x) => ops.sqrt(ops.exp(ops.sqrt(x))),
  sum: (x) => ops.sum(x, { axes: [0, 2], keepDims: true }),
  take: (x) => ops.take(x, ops.mean(x, { axes: [1, 2] })),
  tile: (x) => ops.tile(x, { reps: [2, 1, 3] }),
  transpose: (x) => ops.transpose(x, { axes: [3, 1, 0, 2] }),
};

/** Indices [2, 3] on both sides of 1. */
function rowsOf<V extends ops.Value>(x: V): V {
  const first = ops.sliceAxis(ops.reshape(x, { shape: [2, 3, -1] }), { axis: 2, end: 1 });
  return ops.mulScalar(ops.reshape(first, { shape: [2, 3] }), 1.5);
}

function pairOf<V>([first, second]: readonly V[]): [V, V] {
  return [first!, second!];
}

const next = randomNumbers(7);

/** Numbers around 1.5 that keep 0.05 from whole and half numbers. */
const x = tensor(
  SHAPE,
  Float64Array.from({ length: 48 }, (_, i) => 0.5 + (i % 4) / 2 + 0.25 + 0.2 * next()),
);
const weights = tensor(
  SHAPE,
  Float64Array.from({ length: 48 }, () => next()),
);

const run = (graph: Graph, at: Tensor): Float64Array => {
  const inputs = Object.fromEntries(graph.inputs.map(({ name }) => [name, name === 'x' ? at : weights]));
  const { outputs } = interpret(graph, { inputs, parameters: new Map() });
  return outputs[gradientName('x')]!.data as Float64Array;
};

test.each(Object.entries(functions))('%s can be differentiated twice', (_, f) => {
  const loss = trace(
    (_parameters, inputs) => {
      const y = f(inputs.x);
      return { loss: ops.elementwiseMul(y, y) };
    },
    { x: SHAPE },
  );
  const first = differentiate(loss, 'loss', ['x']);
  const second = run(differentiate(first, gradientName('x'), ['x'], { heads: true }), x);
  // The Hessian is symmetric: its product with the weights is the change of the gradient in their direction.
  const moved = (step: number): Tensor => ({ ...x, data: x.data.map((v, i) => v + step * weights.data[i]!) });
  const [up, down] = [run(first, moved(STEP)), run(first, moved(-STEP))];
  const expected = up.map((value, i) => (value - down[i]!) / (2 * STEP));
  expect(expected.some((value) => value !== 0)).toBe(true);
  second.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
});
