/** mulScalar on the device: see `src/ops/mul-scalar.ts`. */
import type { ScalarAttributes } from '../../ops/index.ts';
import { elementwise, float } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const mulScalarKernels: GpuOperator<ScalarAttributes> = elementwise(
  'mulScalar',
  ['x'],
  ({ scalar }) => `x * ${float(scalar)}`,
);
