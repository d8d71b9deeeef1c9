/** rminusScalar on the device: see `src/ops/rminus-scalar.ts`. */
import type { ScalarAttributes } from '../../ops/index.ts';
import { elementwise, float } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const rminusScalarKernels: GpuOperator<ScalarAttributes> = elementwise(
  'rminusScalar',
  ['x'],
  ({ scalar }) => `${float(scalar)} - x`,
);
