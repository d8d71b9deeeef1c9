import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gridGenerator, gridGeneratorOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';

const cases: fc.Arbitrary<OperatorCase<object>> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 7 }), fc.integer({ min: 2, max: 7 }))
  .chain(([N, H, W]) =>
    fc.record({ inputs: fc.tuple(values([N, 2, H, W], { min: -20, max: 20 })), attributes: fc.constant({}) }),
  );

checkOp(gridGeneratorOperator, cases, {
  // Distance from the centre of the map, in half widths.
  oracle: ([flow]) => {
    const [, , H = 0, W = 0] = flow!.shape;
    return build(flow!.shape, (n, axis, y, x) => {
      const [here, size] = axis === 0 ? [x, W] : [y, H];
      return (2 * (here + at(flow!, n, axis, y, x)) - (size - 1)) / (size - 1);
    });
  },
});

describe('gridGenerator', () => {
  test('zero flow spans the map from -1 to 1, columns first', () => {
    const grid = gridGenerator(tensor([1, 2, 2, 3], new Float32Array(12)));
    expect([...grid.data]).toEqual([-1, 0, 1, -1, 0, 1, -1, -1, -1, 1, 1, 1]);
  });

  test('rounds each step in float32, as MXNet does', () => {
    const f = Math.fround;
    const flow = Float32Array.from({ length: 32 }, (_, i) => i / 10);
    const grid = gridGenerator(tensor([1, 2, 2, 8], flow));
    const first = [0, 1, 2, 3, 4, 5, 6, 7].map((x) => f(f(f(flow[x]! + x) / 3.5) - 1));
    expect([...grid.data.subarray(0, 8)]).toEqual(first);
  });

  test('NaN stays where it is', () => {
    const grid = gridGenerator(tensor([1, 2, 2, 2], [NaN, 0, 0, 0, 0, 0, 0, Infinity]));
    expect([...grid.data]).toEqual([NaN, 1, -1, 1, -1, -1, 1, Infinity]);
  });

  test.each([
    ['three channels', [1, 3, 4, 4], 'gridGenerator: data has 3 channels, expected 2 (right, down)'],
    ['a single row', [1, 2, 1, 4], 'data is 1x2x1x4, expected at least two rows and two columns'],
    ['a single column', [1, 2, 4, 1], 'data is 1x2x4x1, expected at least two rows and two columns'],
    ['three axes', [2, 4, 4], 'data is 2x4x4, expected four axes'],
  ])('refuses %s', (_, shape, message) => {
    expect(() => gridGeneratorOperator.shape([shape], {})).toThrow(message);
  });
});
