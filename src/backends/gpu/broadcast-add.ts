/** broadcastAdd on the device: see `src/ops/broadcast-add.ts`. */
import { broadcasting } from './broadcast.ts';
import type { GpuOperator } from './kernel.ts';

export const broadcastAddKernels: GpuOperator = broadcasting('broadcastAdd', '+');
