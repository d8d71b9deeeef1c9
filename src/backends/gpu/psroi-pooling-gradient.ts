/**
 * psroiPoolingGradient on the device.
 *
 * Letters  N images, C = D·G·G channels, H × W map, R ROIs, D output channels, P × P bins, G × G groups
 */
import { psroiBins, psroiGeometry, type PsroiPoolingAttributes } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import { plainBins } from './region-bins.ts';
import type { Planes, Thread } from './thread.ts';

/** The obvious kernel: a cell looks through all bins for those that hold it and pool its channel. See `region-bins.ts`. */
function psroiPoolingGradient(this: Thread<'C' | 'R' | 'D' | 'P' | 'G'>, head: Planes, bins: Planes): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.C);
  const c = this.thread.z - n * this.constants.C;
  const row = Math.floor((c + 0.5) / this.constants.G);
  const groupX = c - row * this.constants.G;
  const d = Math.floor((row + 0.5) / this.constants.G);
  const groupY = row - d * this.constants.G;
  let sum = 0;
  for (let r = 0; r < this.constants.R; r++) {
    const image = bins[r]![0]![2]!;
    if (image === n) {
      for (let i = 0; i < this.constants.P; i++) {
        const top = bins[r]![i]![0]!;
        const bottom = bins[r]![i]![1]!;
        const ofRow = Math.floor((i * this.constants.G + 0.5) / this.constants.P);
        if (ofRow === groupY && this.thread.y >= top && this.thread.y < bottom) {
          for (let j = 0; j < this.constants.P; j++) {
            const left = bins[r]![this.constants.P + j]![0]!;
            const right = bins[r]![this.constants.P + j]![1]!;
            const ofColumn = Math.floor((j * this.constants.G + 0.5) / this.constants.P);
            if (ofColumn === groupX && this.thread.x >= left && this.thread.x < right) {
              sum += head[r * this.constants.D + d]![i]![j]! / ((bottom - top) * (right - left));
            }
          }
        }
      }
    }
  }
  return sum;
}

export const psroiPoolingGradientKernels: GpuOperator<Required<PsroiPoolingAttributes>> = {
  obvious({ inputs, outputs, attributes }) {
    const name = 'psroiPoolingGradient';
    const geometry = psroiGeometry(outputs[0]!, inputs[1]!, attributes, name);
    const { C, R, D, P, G } = geometry;
    const spec = plainKernel(name, psroiPoolingGradient, { C, R, D, P, G }, outputs[0]!);
    const bins = plainBins(1, { ...geometry, Q: P }, attributes.spatialScale, psroiBins);
    return oneStep(spec, [plainInput(0), bins]);
  },
};
