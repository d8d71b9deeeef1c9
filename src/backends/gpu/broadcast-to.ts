/** broadcastTo on the device: see `src/ops/broadcast-to.ts`. */
import { fastElementwise } from './elementwise.ts';
import type { GpuOperator, NodeView } from './kernel.ts';
import { gathering, repeated } from './places.ts';

export const broadcastToKernels: GpuOperator = {
  obvious: ({ inputs, outputs }: NodeView) => gathering(outputs[0]!, repeated(inputs[0]!)),
  fast: (node: NodeView) => fastElementwise('broadcastTo', ['x'], 'x', node),
};
