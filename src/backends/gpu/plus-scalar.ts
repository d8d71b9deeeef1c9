/** plusScalar on the device: see `src/ops/plus-scalar.ts`. */
import type { ScalarAttributes } from '../../ops/index.ts';
import { elementwise, float } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const plusScalarKernels: GpuOperator<ScalarAttributes> = elementwise(
  'plusScalar',
  ['x'],
  ({ scalar }) => `x + ${float(scalar)}`,
);
