/** Random cases and the oracle that the tests of sum and mean share. */
import fc from 'fast-check';
import type { ReductionAttributes } from '../../src/ops/index.ts';
import { elementCount, indexOf, type Shape, type Tensor, tensor } from '../../src/tensor/index.ts';
import { shapes } from './arithmetic-cases.ts';
import { type OperatorCase, values } from '../../src/testing/index.ts';

export const reductionCases: fc.Arbitrary<OperatorCase<ReductionAttributes>> = shapes.chain((shape) =>
  fc.record({
    inputs: fc.tuple(values(shape)),
    attributes: fc.record(
      {
        axes: fc.subarray(shape.map((_, axis) => axis)).chain((axes) =>
          fc.constantFrom(
            axes,
            axes.toReversed(),
            axes.map((axis) => axis - shape.length),
          ),
        ),
        keepDims: fc.boolean(),
        exclude: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  }),
);

/** All elements that agree on the axes that stay, gathered in order of appearance, which is row-major order. */
export function gather(
  data: Tensor,
  { axes, keepDims, exclude }: Required<ReductionAttributes>,
  reduce: (group: readonly number[]) => number,
): Tensor {
  const rank = data.shape.length;
  const listed = (axis: number): boolean => axes.includes(axis) || axes.includes(axis - rank);
  const goes = (axis: number): boolean => axes.length === 0 || (exclude ? !listed(axis) : listed(axis));
  const kept = data.shape.map((size, axis) => (goes(axis) ? 1 : size));
  const stays = (index: readonly number[]): string => index.filter((_, axis) => !goes(axis)).join();
  // Groups first, so that one without elements is there too.
  const places = Array.from({ length: elementCount(kept) }, (_, i) => stays(indexOf(i, kept)));
  const groups = new Map<string, number[]>(places.map((place) => [place, []]));
  for (let i = 0; i < elementCount(data.shape); i++) {
    groups.get(stays(indexOf(i, data.shape)))!.push(data.data[i]!);
  }
  const dropped = data.shape.filter((_, axis) => !goes(axis));
  const shape: Shape = keepDims ? kept : dropped.length === 0 ? [1] : dropped;
  return tensor(shape, Float64Array.from([...groups.values()].map(reduce)));
}
