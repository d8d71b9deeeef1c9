/** sum on the device: see `src/ops/sum.ts`. */
import type { ReductionAttributes } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { reduction } from './reduction.ts';

export const sumKernels: GpuOperator<Required<ReductionAttributes>> = reduction('sum', () => 1);
