/** transpose on the device: see `src/ops/transpose.ts`. */
import type { TransposeAttributes } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { following, gathering } from './places.ts';

export const transposeKernels: GpuOperator<Required<TransposeAttributes>> = {
  obvious({ inputs, outputs, attributes: { axes } }) {
    const data = inputs[0]!;
    const order =
      axes.length === 0
        ? data.map((_, axis) => data.length - 1 - axis)
        : axes.map((axis) => (axis < 0 ? axis + data.length : axis));
    const places = data.map((_, axis) => following(order.indexOf(axis)));
    return gathering(outputs[0]!, { shape: data, places });
  },
};
