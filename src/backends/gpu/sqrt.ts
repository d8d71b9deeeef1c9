/** sqrt on the device: see `src/ops/sqrt.ts`. Of negative values graphics cards may make anything. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const sqrtKernels: GpuOperator = elementwise('sqrt', ['x'], () => 'Math.sqrt(x)');
