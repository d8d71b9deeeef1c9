/** softmax, softmaxActivation and softmaxOutput: softmax along one axis. */
import type { SoftmaxAttributes } from '../../../ops/index.ts';
import { elementCount } from '../../../tensor/shape.ts';
import { softmaxKernel } from '../kernels/softmax.ts';
import type { Lower, NodeLowering } from '../lowering.ts';
import { float64s } from './numbers.ts';

/** Elements of an item, about: an exponential each. */
const ITEM_ELEMENTS = 2048;

function lowerSoftmaxAlong(lowering: NodeLowering, axis: number, temperature: number): void {
  const shape = lowering.inputs[0]!;
  const total = elementCount(shape);
  if (total === 0) return void lowering.output(0, 'planar');
  const size = shape[axis]!;
  const lineCount = total / size;
  const itemLines = Math.ceil(ITEM_ELEMENTS / size);
  lowering.step(softmaxKernel, Math.ceil(lineCount / itemLines), {
    input: lowering.input(0, 'planar'),
    output: lowering.output(0, 'planar'),
    lines: lowering.scratch(lowering.tuning.threads * size * 8),
    temperature: float64s(lowering, temperature),
    size,
    inner: elementCount(shape.slice(axis + 1)),
    lineCount,
    itemLines,
  });
}

/** Over the classes, axis 1. */
export const lowerClassSoftmax: Lower = (lowering) => lowerSoftmaxAlong(lowering, 1, 1);

export function lowerSoftmax(lowering: NodeLowering): void {
  const { axis, temperature } = lowering.node.attributes as Required<SoftmaxAttributes>;
  lowerSoftmaxAlong(lowering, axis < 0 ? axis + lowering.inputs[0]!.length : axis, temperature);
}
