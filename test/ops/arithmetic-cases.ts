/** Random cases and oracles that the tests of the arithmetic operators share. */
import fc from 'fast-check';
import type { Shape, Tensor } from '../../src/tensor/index.ts';
import { at, build, type OperatorCase, sizes, type ValueRange, values } from '../../src/testing/index.ts';

/** Shapes of one to four axes. */
export const shapes: fc.Arbitrary<number[]> = fc.oneof(
  sizes(7),
  sizes(4, 5),
  sizes(2, 3, 4),
  sizes(2, 3, 4, 3),
);

/** One tensor of any shape. */
export function unaryCases<A extends object>(
  attributes: fc.Arbitrary<A>,
  range: ValueRange = {},
): fc.Arbitrary<OperatorCase<A>> {
  return shapes.chain((shape) => fc.record({ inputs: fc.tuple(values(shape, range)), attributes }));
}

/** What an element-by-element function gives, one index at a time. */
export function elementwise(f: (x: number) => number): (inputs: readonly Tensor[]) => Tensor {
  return ([data]) => build(data!.shape, (...index) => f(at(data!, ...index)));
}

/** Two tensors of one shape. */
export function sameShapeCases(rhs: ValueRange = {}): fc.Arbitrary<OperatorCase<object>> {
  return shapes.chain((shape) =>
    fc.record({ inputs: fc.tuple(values(shape), values(shape, rhs)), attributes: fc.constant({}) }),
  );
}

/** Two tensors that broadcast: on each axis of a common shape, either side may shrink to 1. */
export function broadcastCases(rhs: ValueRange = {}): fc.Arbitrary<OperatorCase<object>> {
  const side = fc.constantFrom('both', 'both', 'lhs', 'rhs', 'neither');
  return shapes
    .chain((shape) => fc.tuple(...shape.map((size) => fc.tuple(fc.constant(size), side))))
    .chain((axes) => {
      const shape = (here: string): Shape =>
        axes.map(([size, which]) => (which === 'both' || which === here ? size : 1));
      return fc.record({
        inputs: fc.tuple(values(shape('lhs')), values(shape('rhs'), rhs)),
        attributes: fc.constant({}),
      });
    });
}

/** The result of a broadcasting operator, one index at a time. */
export function broadcast(f: (a: number, b: number) => number): (inputs: readonly Tensor[]) => Tensor {
  return ([lhs, rhs]) => {
    const shape = lhs!.shape.map((size, axis) => (size === 1 ? rhs!.shape[axis]! : size));
    const read = (side: Tensor, index: readonly number[]): number =>
      at(side, ...index.map((i, axis) => (side.shape[axis] === 1 ? 0 : i)));
    return build(shape, (...index) => f(read(lhs!, index), read(rhs!, index)));
  };
}

/** A scalar that float32 holds exactly, not near 0. */
export const scalars: fc.Arbitrary<{ scalar: number }> = fc
  .tuple(fc.constantFrom(-1, 1), fc.integer({ min: 1, max: 80 }))
  .map(([sign, k]) => ({ scalar: (sign * k) / 16 }));
