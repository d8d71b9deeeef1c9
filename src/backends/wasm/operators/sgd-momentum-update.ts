/** sgdMomentumUpdate: one step of training for a weight. */
import type { SgdMomentumUpdateAttributes } from '../../../ops/index.ts';
import { elementCount } from '../../../tensor/shape.ts';
import { elementwiseItems } from '../kernels/elementwise.ts';
import { momentumStepKernel } from '../kernels/momentum-step.ts';
import type { NodeLowering } from '../lowering.ts';
import { float64s } from './numbers.ts';

export function lowerSgdMomentumUpdate(lowering: NodeLowering): void {
  const { learningRate, momentum, weightDecay, rescaleGrad, clipGradient } = lowering.node
    .attributes as unknown as Required<SgdMomentumUpdateAttributes>;
  const bound = clipGradient ?? Infinity;
  const decay = learningRate * weightDecay;
  const total = elementCount(lowering.inputs[0]!);
  lowering.step(momentumStepKernel, elementwiseItems(total), {
    weight: lowering.input(0, 'planar'),
    grad: lowering.input(1, 'planar'),
    mom: lowering.input(2, 'planar'),
    newWeight: lowering.output(0, 'planar'),
    newMom: lowering.output(1, 'planar'),
    total,
    numbers: float64s(lowering, rescaleGrad, -bound, bound, momentum, learningRate, decay),
  });
}
