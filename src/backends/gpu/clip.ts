/** clip on the device: see `src/ops/clip.ts`. */
import type { ClipAttributes } from '../../ops/index.ts';
import { elementwise, float } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const clipKernels: GpuOperator<ClipAttributes> = elementwise(
  'clip',
  ['x'],
  ({ min, max }) => `x > ${float(max)} ? ${float(max)} : (x < ${float(min)} ? ${float(min)} : x)`,
);
