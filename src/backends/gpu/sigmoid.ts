/** sigmoid on the device: see `src/ops/sigmoid.ts`. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const sigmoidKernels: GpuOperator = elementwise('sigmoid', ['x'], () => '1 / (1 + Math.exp(-x))');
