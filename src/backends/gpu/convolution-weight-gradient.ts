/**
 * convolutionWeightGradient on the device.
 *
 * Letters  N images, C input channels, O filters, H × W input, P × Q output of the convolution, I × J taps
 */
import { convolutionGeometry, type ConvolutionWeightGradientAttributes } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

type Steps = 'strideY' | 'strideX' | 'padY' | 'padX' | 'dilationY' | 'dilationX';
type Letters = Steps | 'N' | 'C' | 'O' | 'H' | 'W' | 'P' | 'Q' | 'groupC' | 'groupO';

/** The obvious kernel: a tap looks at what it was multiplied with, for each pixel of the output. */
function convolutionWeightGradient(this: Thread<Letters>, data: Planes, head: Planes): number {
  const o = Math.floor((this.thread.z + 0.5) / this.constants.groupC);
  const group = Math.floor((o + 0.5) / this.constants.groupO);
  const c = this.thread.z + (group - o) * this.constants.groupC;
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    for (let p = 0; p < this.constants.P; p++) {
      for (let q = 0; q < this.constants.Q; q++) {
        const y = p * this.constants.strideY - this.constants.padY + this.thread.y * this.constants.dilationY;
        const x = q * this.constants.strideX - this.constants.padX + this.thread.x * this.constants.dilationX;
        if (y >= 0 && y < this.constants.H && x >= 0 && x < this.constants.W) {
          sum += head[n * this.constants.O + o]![p]![q]! * data[n * this.constants.C + c]![y]![x]!;
        }
      }
    }
  }
  return sum;
}

export const convolutionWeightGradientKernels: GpuOperator<Required<ConvolutionWeightGradientAttributes>> = {
  obvious({ inputs, outputs, attributes }) {
    const name = 'convolutionWeightGradient';
    const geometry = convolutionGeometry(name, inputs[0]!, outputs[0]!, attributes);
    const { I: _taps, J: _columns, groups: _groups, ...letters } = geometry;
    return oneStep(plainKernel(name, convolutionWeightGradient, letters, outputs[0]!), [
      plainInput(0),
      plainInput(1),
    ]);
  },
};
