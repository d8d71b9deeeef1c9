/** onesLike on the device: see `src/ops/ones-like.ts`. The numbers of the data are not read. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const onesLikeKernels: GpuOperator = elementwise('onesLike', [], () => '1');
