/** exp on the device: see `src/ops/exp.ts`. Right to a few units in the last place on graphics cards. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const expKernels: GpuOperator = elementwise('exp', ['x'], () => 'Math.exp(x)');
