/** softmaxActivation on the device: see `src/ops/softmax-activation.ts`. Both modes go along axis 1. */
import type { GpuOperator, NodeView } from './kernel.ts';
import { softmaxAlong } from './softmax-along.ts';

export const softmaxActivationKernels: GpuOperator = {
  obvious: ({ inputs }: NodeView) => softmaxAlong(inputs[0]!, 1, 1),
};
