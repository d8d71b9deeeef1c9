/** rdivScalar on the device: see `src/ops/rdiv-scalar.ts`. The quotient may be off in its last bit on graphics cards. */
import type { ScalarAttributes } from '../../ops/index.ts';
import { elementwise, float } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const rdivScalarKernels: GpuOperator<ScalarAttributes> = elementwise(
  'rdivScalar',
  ['x'],
  ({ scalar }) => `${float(scalar)} / x`,
);
