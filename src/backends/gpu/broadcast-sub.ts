/** broadcastSub on the device: see `src/ops/broadcast-sub.ts`. */
import { broadcasting } from './broadcast.ts';
import type { GpuOperator } from './kernel.ts';

export const broadcastSubKernels: GpuOperator = broadcasting('broadcastSub', '-');
