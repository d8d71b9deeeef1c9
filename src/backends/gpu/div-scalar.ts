/** divScalar on the device: see `src/ops/div-scalar.ts`. The quotient may be off in its last bit on graphics cards. */
import type { ScalarAttributes } from '../../ops/index.ts';
import { elementwise, float } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const divScalarKernels: GpuOperator<ScalarAttributes> = elementwise(
  'divScalar',
  ['x'],
  ({ scalar }) => `x / ${float(scalar)}`,
);
