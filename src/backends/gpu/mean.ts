/** mean on the device: see `src/ops/mean.ts`. */
import type { ReductionAttributes } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { reduction } from './reduction.ts';

export const meanKernels: GpuOperator<Required<ReductionAttributes>> = reduction(
  'mean',
  ({ count }) => count,
);
