/** minusScalar on the device: see `src/ops/minus-scalar.ts`. */
import type { ScalarAttributes } from '../../ops/index.ts';
import { elementwise, float } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const minusScalarKernels: GpuOperator<ScalarAttributes> = elementwise(
  'minusScalar',
  ['x'],
  ({ scalar }) => `x - ${float(scalar)}`,
);
