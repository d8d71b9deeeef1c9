/** smoothL1 on the device: see `src/ops/smooth-l1.ts`. */
import type { SmoothL1Attributes } from '../../ops/index.ts';
import { elementwise } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';

export const smoothL1Kernels: GpuOperator<Required<SmoothL1Attributes>> = elementwise(
  'smoothL1',
  ['x'],
  (attributes) => {
    const curvature = Math.fround(attributes.sigma) ** 2;
    const reach = 1 / curvature;
    return `Math.abs(x) > ${reach} ? Math.abs(x) - ${0.5 * reach} : ${0.5 * curvature} * x * x`;
  },
);
