import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { warp } from '../../src/ops/index.ts';
import { cast, compare, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, runs, values } from '../../src/testing/index.ts';

/** A flow that is the same everywhere. */
const constantFlow = (H: number, W: number, right: number, down: number): Tensor =>
  build([1, 2, H, W], (_, axis) => (axis === 0 ? right : down));

const size = fc.integer({ min: 2, max: 6 });
const count = fc.integer({ min: 1, max: 3 });
const cases = fc
  .tuple(count, count, size, size, fc.constantFrom('none', 'one', 'each'))
  .chain(([N, C, H, W, scales]) =>
    fc.record({
      feature: values([N, C, H, W]),
      flow: values([N, 2, H, W], { min: -7, max: 7 }),
      scale: scales === 'none' ? fc.constant(undefined) : values([N, scales === 'one' ? 1 : C, H, W]),
    }),
  );

/** Eq. 1 to 3 of the paper as they are written: a sum over all pixels of the key frame. */
function equations(feature: Tensor, flow: Tensor, scale?: Tensor): Tensor {
  const [, , H = 0, W = 0] = feature.shape;
  const g = (a: number, b: number): number => Math.max(0, 1 - Math.abs(a - b));
  return build(feature.shape, (n, c, y, x) => {
    const [rx, ry] = [x + at(flow, n, 0, y, x), y + at(flow, n, 1, y, x)];
    let sum = 0;
    for (let qy = 0; qy < H; qy++) {
      for (let qx = 0; qx < W; qx++) sum += g(qx, rx) * g(qy, ry) * at(feature, n, c, qy, qx);
    }
    return scale ? sum * at(scale, n, scale.shape[1] === 1 ? 0 : c, y, x) : sum;
  });
}

describe('warp', () => {
  test.each([
    ['float32', 1e-4],
    ['float64', 1e-12],
  ] as const)("is the paper's sum over all pixels, times the scale, in %s", (dtype, tolerance) => {
    fc.assert(
      fc.property(cases, ({ feature, flow, scale }) => {
        const typed = [feature, flow, ...(scale ? [scale] : [])].map((value) => cast(value, dtype));
        const got = warp(typed[0]!, typed[1]!, typed[2]);
        expect(got.dtype).toBe(dtype);
        const expected = equations(feature, flow, scale);
        expect(compare(got, expected, { absolute: tolerance, relative: tolerance }).misses).toBe(0);
      }),
      { numRuns: runs() },
    );
  });

  test('zero flow is the identity, exactly where H - 1 and W - 1 are powers of two', () => {
    fc.assert(
      fc.property(values([1, 2, 5, 9]), (feature) => {
        const single = cast(feature, 'float32');
        expect(warp(single, zeros([1, 2, 5, 9])).data).toEqual(single.data);
      }),
      { numRuns: 20 },
    );
  });

  test('zero flow is the identity up to rounding elsewhere', () => {
    fc.assert(
      fc.property(values([1, 2, 6, 7]), (feature) => {
        const got = warp(cast(feature, 'float32'), zeros([1, 2, 6, 7]));
        expect(compare(got, feature, { absolute: 2e-5, relative: 0 }).misses).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  test('a flow of whole pixels is a shift, with zeros where it leaves the map', () => {
    const shifts = fc.tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -10, max: 10 }));
    fc.assert(
      fc.property(values([1, 2, 5, 9]), shifts, (feature, [down, right]) => {
        const got = warp(feature, constantFlow(5, 9, right, down));
        const shifted = build(feature.shape, (n, c, y, x) => at(feature, n, c, y + down, x + right));
        expect(compare(got, shifted).misses).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['half a pixel to the right', 0.5, 0, [1.5, 2.5, 1.5, 4.5, 5.5, 3, 7.5, 8.5, 4.5]],
    [
      'a quarter to the left, half down',
      -0.25,
      0.5,
      [1.875, 3.25, 4.25, 4.125, 6.25, 7.25, 2.625, 3.875, 4.375],
    ],
  ])('gives the published numbers for a flow of %s', (_, right, down, expected) => {
    const feature = tensor([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...warp(feature, cast(constantFlow(3, 3, right, down), 'float32')).data]).toEqual(expected);
  });

  test('NaN in the flow gives NaN at its position, in all channels, and nowhere else', () => {
    const flow = zeros([1, 2, 3, 3]);
    flow.data[4] = NaN;
    const warped = warp(tensor([1, 2, 3, 3], new Float32Array(18).fill(1)), flow);
    expect([...warped.data].flatMap((value, i) => (Number.isNaN(value) ? [i] : []))).toEqual([4, 13]);
  });

  test.each([
    [
      'a flow of another size',
      [1, 3, 4, 4],
      [1, 2, 8, 8],
      undefined,
      'warp: flow is 1x2x8x8, expected 1x2x4x4; resize it',
    ],
    [
      'a flow of another batch',
      [2, 3, 4, 4],
      [1, 2, 4, 4],
      undefined,
      'warp: flow is 1x2x4x4, expected 2x2x4x4',
    ],
    [
      'a scale of another size',
      [1, 3, 4, 4],
      [1, 2, 4, 4],
      [1, 3, 1, 1],
      'warp: scale is 1x3x1x1, expected 1x3x4x4',
    ],
    [
      'a feature one pixel high',
      [1, 3, 1, 4],
      [1, 2, 1, 4],
      undefined,
      'expected at least two rows and two columns',
    ],
    ['three axes', [3, 4, 4], [1, 2, 4, 4], undefined, 'warp: feature is 3x4x4, expected four axes'],
  ])('refuses %s', (_, feature, flow, scale, message) => {
    expect(() => warp(zeros(feature), zeros(flow), scale && zeros(scale))).toThrow(message);
  });
});
