/** makeLoss on the device: see `src/ops/make-loss.ts`. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const makeLossKernels: GpuOperator = elementwise('makeLoss', ['x'], () => 'x');
