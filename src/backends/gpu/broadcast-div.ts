/** broadcastDiv on the device: see `src/ops/broadcast-div.ts`. */
import { broadcasting } from './broadcast.ts';
import type { GpuOperator } from './kernel.ts';

export const broadcastDivKernels: GpuOperator = broadcasting('broadcastDiv', '/');
