/** log on the device: see `src/ops/log.ts`. Of negative values graphics cards may make anything. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const logKernels: GpuOperator = elementwise('log', ['x'], () => 'Math.log(x)');
