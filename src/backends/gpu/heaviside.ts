/** heaviside on the device: see `src/ops/heaviside.ts`. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const heavisideKernels: GpuOperator = elementwise('heaviside', ['x'], () => 'x > 0 ? 1 : 0');
