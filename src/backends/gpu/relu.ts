/** relu on the device: see `src/ops/relu.ts`. NaN becomes 0 where the device's `max` says so (webgl2, webgpu). */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const reluKernels: GpuOperator = elementwise('relu', ['x'], () => 'Math.max(x, 0)');
