/** broadcastMul on the device: see `src/ops/broadcast-mul.ts`. */
import { broadcasting } from './broadcast.ts';
import type { GpuOperator } from './kernel.ts';

export const broadcastMulKernels: GpuOperator = broadcasting('broadcastMul', '*');
