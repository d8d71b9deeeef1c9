/** leakyRelu on the device: see `src/ops/leaky-relu.ts`. */
import type { LeakyReluAttributes } from '../../ops/index.ts';
import { elementwise, float } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const leakyReluKernels: GpuOperator<Required<LeakyReluAttributes>> = elementwise(
  'leakyRelu',
  ['x'],
  ({ slope }) => `x > 0 ? x : ${float(slope)} * x`,
);
