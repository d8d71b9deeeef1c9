/** elementwiseSub on the device: see `src/ops/elementwise-sub.ts`. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const elementwiseSubKernels: GpuOperator = elementwise(
  'elementwiseSub',
  ['lhs', 'rhs'],
  () => 'lhs - rhs',
);
