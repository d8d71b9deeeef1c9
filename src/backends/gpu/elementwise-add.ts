/** elementwiseAdd on the device: see `src/ops/elementwise-add.ts`. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const elementwiseAddKernels: GpuOperator = elementwise(
  'elementwiseAdd',
  ['lhs', 'rhs'],
  () => 'lhs + rhs',
);
