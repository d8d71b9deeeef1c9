/** tileAs on the device: see `src/ops/tile-as.ts`. The numbers of `data_shape` are not read. */
import type { GpuOperator, NodeView } from './kernel.ts';
import { assemblyStep } from './packed-assembly.ts';
import { gathering, repeated } from './places.ts';

export const tileAsKernels: GpuOperator = {
  obvious: ({ inputs, outputs }: NodeView) => gathering(outputs[0]!, repeated(inputs[0]!)),
  fast(node: NodeView) {
    const step = assemblyStep(node, 0, [{ input: 0 }]);
    return step && { steps: [step], outputs: [0] };
  },
};
