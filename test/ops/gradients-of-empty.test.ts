/** Tensors without elements have gradients too: as empty, and in their shape. */
import { expect, test } from 'vitest';
import { type OperatorName, operators, runOperator } from '../../src/ops/index.ts';
import { full, type Shape, zeros } from '../../src/tensor/index.ts';
import { gradientsOf } from '../../src/testing/index.ts';

const cases: readonly (readonly [OperatorName, readonly Shape[], object])[] = [
  [
    'broadcastAdd',
    [
      [2, 0],
      [2, 1],
    ],
    {},
  ],
  [
    'broadcastDiv',
    [
      [1, 3],
      [0, 3],
    ],
    {},
  ],
  [
    'broadcastMul',
    [
      [2, 0],
      [1, 1],
    ],
    {},
  ],
  [
    'broadcastSub',
    [
      [0, 1],
      [1, 4],
    ],
    {},
  ],
  ['broadcastTo', [[2, 1]], { shape: [2, 0] }],
  ['clip', [[0]], { min: 0, max: 1 }],
  [
    'concat',
    [
      [2, 0],
      [2, 3],
      [2, 0],
    ],
    {},
  ],
  [
    'concat',
    [
      [0, 1],
      [0, 3],
    ],
    {},
  ],
  [
    'crop',
    [
      [0, 2, 3, 3],
      [1, 1, 2, 2],
    ],
    {},
  ],
  [
    'crop',
    [
      [1, 2, 3, 3],
      [1, 1, 0, 2],
    ],
    { offset: 1 },
  ],
  [
    'elementwiseMul',
    [
      [3, 0],
      [3, 0],
    ],
    {},
  ],
  ['embed', [[0]], { shape: [3], begin: [0] }],
  ['leakyRelu', [[2, 0, 3]], {}],
  ['mean', [[2, 0]], { axes: [1] }],
  ['mean', [[2, 0]], { axes: [0] }],
  ['relu', [[0, 5]], {}],
  ['reshape', [[0, 3]], { shape: [3, -1] }],
  ['reshape', [[2, 0, 5]], { shape: [5, -1] }],
  ['scatterRows', [[0, 2], [0]], { rows: 3 }],
  ['scatterRows', [[4, 0], [4]], { rows: 3 }],
  ['slice', [[4, 2]], { begin: [3, null], end: [1, null] }],
  ['slice', [[0]], { begin: [null], end: [null], step: [-1] }],
  ['sliceAxis', [[0, 4]], { axis: 1, begin: 1, end: 3 }],
  ['sliceChannel', [[0, 4]], { outputs: 4, squeeze: true }],
  ['sliceChannel', [[2, 0]], { outputs: 2 }],
  ['smoothL1', [[0]], {}],
  ['sum', [[2, 0]], {}],
  ['sum', [[2, 0]], { axes: [0], keepDims: true }],
  ['take', [[3, 2], [0]], {}],
  ['take', [[3, 0], [2]], {}],
  ['tile', [[2, 0]], { reps: [3, 2] }],
  ['transpose', [[2, 0, 3]], {}],
];

test.each(cases)('%s of %j with %j', (name, shapes, attributes) => {
  const operator = operators[name];
  const inputs = shapes.map((shape) => full(shape, 1));
  const heads = runOperator(operator, inputs, attributes).map(({ shape }) => zeros(shape));
  gradientsOf(operator, inputs, heads, attributes).forEach((gradient, k) => {
    if (gradient === null) return;
    expect(gradient.shape).toEqual(shapes[k]);
    expect([...gradient.data].every((value) => value === 0)).toBe(true);
  });
});

test('the sum over an axis without elements, the one of size 1, takes the gradient of nothing', () => {
  const [lhs, rhs] = [full([1], 2), zeros([0])];
  const [inLhs, inRhs] = gradientsOf(operators.broadcastMul, [lhs, rhs], [zeros([0])]);
  expect([...inLhs!.data]).toEqual([0]);
  expect(inRhs!.shape).toEqual([0]);
});
