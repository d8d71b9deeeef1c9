/** transpose: a walk with the strides in another order. */
import type { TransposeAttributes } from '../../../ops/index.ts';
import { stridesOf } from '../../../tensor/shape.ts';
import { copyStridedKernel } from '../kernels/copy-strided.ts';
import type { NodeLowering } from '../lowering.ts';
import { rowMajor, walkStep } from './walk.ts';

export function lowerTranspose(lowering: NodeLowering): void {
  const { axes } = lowering.node.attributes as Required<TransposeAttributes>;
  const data = lowering.inputs[0]!;
  const last = data.length - 1;
  const order =
    axes.length > 0
      ? axes.map((axis) => (axis < 0 ? axis + data.length : axis))
      : data.map((_, axis) => last - axis);
  const strides = stridesOf(data);
  const shape = order.map((axis) => data[axis]!);
  const source = { address: lowering.input(0, 'planar'), strides: order.map((axis) => strides[axis]!) };
  const target = rowMajor(lowering.output(0, 'planar'), shape);
  walkStep(lowering, copyStridedKernel, shape, [source, target], {});
}
