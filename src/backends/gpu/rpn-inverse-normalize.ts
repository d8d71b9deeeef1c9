/**
 * rpnInverseNormalize on the device: see `src/ops/rpn-inverse-normalize.ts`.
 *
 * The fast kernel takes the four corrections of an anchor at once: they are the four channels of a texel.
 */
import type { RpnInverseNormalizeAttributes } from '../../ops/index.ts';
import { float } from './elementwise.ts';
import type { GpuOperator } from './kernel.ts';
import { LANES } from './lanes.ts';
import { oneStep, plainInput, plainKernel, plainTable } from './plain-kernel.ts';
import { texelAt, texelKernel } from './texel-source.ts';
import type { Planes, Thread } from './thread.ts';

/** `scale` has the deviations and the means of dx, dy, dw, dh. */
function rpnInverseNormalize(this: Thread, data: Planes, scale: Planes): number {
  const which = this.thread.z - 4 * Math.floor((this.thread.z + 0.5) / 4);
  return data[this.thread.z]![this.thread.y]![this.thread.x]! * scale[0]![0]![which]! + scale[0]![1]![which]!;
}

export const rpnInverseNormalizeKernels: GpuOperator<Required<RpnInverseNormalizeAttributes>> = {
  obvious({ outputs, attributes: { means, deviations } }) {
    const spec = plainKernel('rpnInverseNormalize', rpnInverseNormalize, {}, outputs[0]!);
    return oneStep(spec, [plainInput(0), plainTable([2, 4], [...deviations, ...means])]);
  },
  fast(node) {
    const { means, deviations } = node.attributes;
    const [input, result] = [node.packedInput(0), node.packedOutput(0)];
    if (!input || !result) return undefined;
    const storage = node.capabilities.packed!;
    const lanes = LANES.map((l) => `const r${l} = t[${l}] * ${float(deviations[l]!)} + ${float(means[l]!)};`);
    const body = `const t = ${texelAt(storage, 'x0', input, 'n', 'g', 'y', 'x')}; ${lanes.join(' ')}`;
    const spec = texelKernel(storage, 'rpnInverseNormalize', ['x0'], result, body);
    return oneStep(spec, [{ from: 'input', index: 0, as: 'packed' }]);
  },
};
