/**
 * sum and mean on the device: see `src/ops/sum.ts` and `src/ops/mean.ts`.
 *
 * One kernel for each axis that is summed over, the last first. So a sum of a million numbers is not one long loop in one
 * invocation, and each of its short sums loses few digits (the reference adds in float64).
 */
import { type ReductionGeometry, reductionGeometry } from '../../ops/reduction.ts';
import type { ReductionAttributes } from '../../ops/index.ts';
import { sameShape, type Shape } from '../../tensor/shape.ts';
import type { Argument, GpuOperator, Lowering, Step } from './kernel.ts';
import { plainAxes } from './layout.ts';
import { firstPlanes, type Line, lineAlong } from './line.ts';
import { plainInput, plainKernel } from './plain-kernel.ts';
import { reshapeStep } from './reshape.ts';
import type { Planes, Thread } from './thread.ts';

/** `firstPlane` has the plane in which the line of a sum begins. */
function sumOfLine(this: Thread<keyof Line | 'divisor'>, data: Planes, firstPlane: Planes): number {
  const z = firstPlane[0]![0]![this.thread.z]!;
  let sum = 0;
  for (let k = 0; k < this.constants.K; k++) {
    sum +=
      data[z + k * this.constants.stepPlane]![this.thread.y + k * this.constants.stepRow]![
        this.thread.x + k * this.constants.stepColumn
      ]!;
  }
  return sum / this.constants.divisor;
}

/** A step that sums an argument along an axis, which stays with size 1. */
function sumStep(data: Argument, shape: Shape, axis: number, divisor: number): Step {
  const line = lineAlong(shape, axis);
  const result = shape.with(axis, 1);
  const spec = plainKernel('sum', sumOfLine, { ...line, divisor }, result);
  return { spec, arguments: [data, firstPlanes(shape, axis)] };
}

/** @param divisorOf what the sums are divided by at the end */
export function reduction(
  name: string,
  divisorOf: (geometry: ReductionGeometry) => number,
): GpuOperator<Required<ReductionAttributes>> {
  return {
    obvious({ inputs, outputs, attributes }): Lowering {
      const [data, result] = [inputs[0]!, outputs[0]!];
      const geometry = reductionGeometry(name, data, attributes);
      const summed = data.flatMap((size, axis) => (size !== geometry.keptShape[axis] ? [axis] : []));
      const steps: Step[] = [];
      let shape = data;
      let argument = plainInput(0);
      const add = (step: Step, becomes: Shape): void => {
        steps.push(step);
        shape = becomes;
        argument = { from: 'step', index: steps.length - 1 };
      };
      summed.toReversed().forEach((axis, k) => {
        const divisor = k === summed.length - 1 ? divisorOf(geometry) : 1;
        add(sumStep(argument, shape, axis, divisor), shape.with(axis, 1));
      });
      if (steps.length === 0 || !sameShape(plainAxes(shape), plainAxes(result))) {
        add(reshapeStep(argument, shape, result), result);
      }
      return { steps, outputs: [steps.length - 1] };
    },
  };
}
