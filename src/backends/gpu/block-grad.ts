/** blockGrad on the device: see `src/ops/block-grad.ts`. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const blockGradKernels: GpuOperator = elementwise('blockGrad', ['x'], () => 'x');
