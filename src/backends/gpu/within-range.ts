/** withinRange on the device: see `src/ops/within-range.ts`. */
import type { WithinRangeAttributes } from '../../ops/index.ts';
import { elementwise, float } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const withinRangeKernels: GpuOperator<WithinRangeAttributes> = elementwise(
  'withinRange',
  ['x'],
  ({ min, max }) => `x > ${float(max)} ? 0 : (x < ${float(min)} ? 0 : 1)`,
);
