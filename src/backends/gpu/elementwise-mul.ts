/** elementwiseMul on the device: see `src/ops/elementwise-mul.ts`. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const elementwiseMulKernels: GpuOperator = elementwise(
  'elementwiseMul',
  ['lhs', 'rhs'],
  () => 'lhs * rhs',
);
