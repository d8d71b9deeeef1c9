/** softmax on the device: see `src/ops/softmax.ts`. */
import type { SoftmaxAttributes } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { softmaxAlong } from './softmax-along.ts';

export const softmaxKernels: GpuOperator<Required<SoftmaxAttributes>> = {
  obvious({ inputs, attributes: { axis, temperature } }) {
    const data = inputs[0]!;
    return softmaxAlong(data, axis < 0 ? axis + data.length : axis, temperature);
  },
};
