/** sum and mean. */
import type { ReductionAttributes } from '../../../ops/index.ts';
import { type ReductionGeometry, reductionGeometry } from '../../../ops/reduction.ts';
import { elementCount, stridesOf } from '../../../tensor/shape.ts';
import { partialSumsKernel, totalSumsKernel } from '../kernels/sums.ts';
import { AXIS_BYTES, ITEM_ELEMENTS } from '../kernels/walk.ts';
import type { Lower } from '../lowering.ts';
import { float64s } from './numbers.ts';
import { axesTable, joinedAxes, walkStep } from './walk.ts';

/** @param divisorOf what the sums are divided by */
export function lowerReduction(divisorOf: (geometry: ReductionGeometry) => number): Lower {
  return (lowering) => {
    const { node, inputs } = lowering;
    const data = inputs[0]!;
    const geometry = reductionGeometry(node.operator, data, node.attributes as Required<ReductionAttributes>);
    const { keptShape, count } = geometry;
    const outputs = elementCount(keptShape);
    const parts = Math.max(1, Math.ceil(count / ITEM_ELEMENTS));
    const pairs = outputs * parts;
    const itemPairs = Math.max(1, Math.floor(ITEM_ELEMENTS / Math.max(1, count)));
    const partials = lowering.scratch(pairs * 8);
    const strides = stridesOf(data);
    const none = strides.map(() => 0);
    const kept = joinedAxes(keptShape, strides, none);
    const summed = data.map((size, axis) => (keptShape[axis] === size ? 1 : size));
    const side = { address: lowering.input(0, 'planar'), strides };
    walkStep(
      lowering,
      partialSumsKernel,
      summed,
      [side, { ...side, strides: none }],
      {
        partials,
        keptAxes: kept.length > 0 ? lowering.constant(axesTable(kept)) : null,
        keptAxesBytes: kept.length * AXIS_BYTES,
        parts,
        pairs,
        itemPairs,
      },
      Math.ceil(pairs / itemPairs),
    );
    lowering.step(totalSumsKernel, Math.ceil(outputs / ITEM_ELEMENTS), {
      partials,
      output: lowering.output(0, 'planar'),
      parts,
      outputs,
      itemOutputs: ITEM_ELEMENTS,
      divisor: float64s(lowering, divisorOf(geometry)),
    });
  };
}
