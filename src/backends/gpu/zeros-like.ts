/** zerosLike on the device: see `src/ops/zeros-like.ts`. The numbers of the data are not read. */
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const zerosLikeKernels: GpuOperator = elementwise('zerosLike', [], () => '0');
