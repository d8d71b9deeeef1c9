/** crop on the device: see `src/ops/crop.ts`. The numbers of `like` are not read. */
import { type CropAttributes, pair } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { assemblyStep } from './packed-assembly.ts';
import { following, gathering } from './places.ts';

export const cropKernels: GpuOperator<Required<CropAttributes>> = {
  obvious({ inputs, outputs, attributes }) {
    const [top, left] = pair(attributes.offset);
    const places = [0, 0, top, left].map((first, axis) => following(axis, first));
    return gathering(outputs[0]!, { shape: inputs[0]!, places });
  },
  fast(node) {
    const [fromRow, fromColumn] = pair(node.attributes.offset);
    const step = assemblyStep(node, 0, [{ input: 0, fromRow, fromColumn }]);
    return step && { steps: [step], outputs: [0] };
  },
};
