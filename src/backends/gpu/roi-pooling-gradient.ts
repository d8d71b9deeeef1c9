/**
 * roiPoolingGradient on the device, in two obvious steps: which cell won each bin, then for each cell what it won.
 *
 * Letters  N images, C channels, H × W map, R ROIs, P × Q bins
 */
import { LOWEST } from '../../ops/first-maximum.ts';
import { roiPoolingBins, roiPoolingGeometry, type RoiPoolingAttributes } from '../../ops/index.ts';
import type { GpuOperator, Step } from './kernel.ts';
import { plainInput, plainKernel } from './plain-kernel.ts';
import { plainBins } from './region-bins.ts';
import type { Planes, Thread } from './thread.ts';

/** The first of the largest cells of a bin, as y·W + x; −1 for none. The bins: `region-bins.ts`. */
function winners(this: Thread<'C' | 'H' | 'W' | 'P' | 'lowest'>, data: Planes, bins: Planes): number {
  const r = Math.floor((this.thread.z + 0.5) / this.constants.C);
  const top = bins[r]![this.thread.y]![0]!;
  const rows = bins[r]![this.thread.y]![1]! - top;
  const n = bins[r]![this.thread.y]![2]!;
  const left = bins[r]![this.constants.P + this.thread.x]![0]!;
  const columns = bins[r]![this.constants.P + this.thread.x]![1]! - left;
  const plane = (n - r) * this.constants.C + this.thread.z;
  let largest = this.constants.lowest;
  let winner = -1;
  for (let i = 0; i < this.constants.H; i++) {
    if (i >= rows) break;
    for (let j = 0; j < this.constants.W; j++) {
      if (j >= columns) break;
      const value = data[plane]![top + i]![left + j]!;
      if (value > largest) {
        largest = value;
        winner = (top + i) * this.constants.W + left + j;
      }
    }
  }
  return winner;
}

/** What the bins that a cell won hand back to it. */
function roiPoolingGradient(
  this: Thread<'C' | 'W' | 'R' | 'P' | 'Q'>,
  head: Planes,
  won: Planes,
  bins: Planes,
): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.C);
  const c = this.thread.z - n * this.constants.C;
  const cell = this.thread.y * this.constants.W + this.thread.x;
  let sum = 0;
  for (let r = 0; r < this.constants.R; r++) {
    const image = bins[r]![0]![2]!;
    if (image === n) {
      for (let i = 0; i < this.constants.P; i++) {
        for (let j = 0; j < this.constants.Q; j++) {
          const plane = r * this.constants.C + c;
          const winner = won[plane]![i]![j]!;
          if (winner === cell) sum += head[plane]![i]![j]!;
        }
      }
    }
  }
  return sum;
}

export const roiPoolingGradientKernels: GpuOperator<RoiPoolingAttributes> = {
  obvious({ inputs, outputs, attributes }) {
    const geometry = roiPoolingGeometry(inputs[0]!, inputs[1]!, attributes, 'roiPoolingGradient');
    const { C, H, W, R, P, Q } = geometry;
    const bins = plainBins(1, geometry, attributes.spatialScale, roiPoolingBins);
    const steps: Step[] = [
      {
        spec: plainKernel('winners', winners, { C, H, W, P, lowest: LOWEST }, [R, C, P, Q]),
        arguments: [plainInput(0), bins],
      },
      {
        spec: plainKernel('roiPoolingGradient', roiPoolingGradient, { C, W, R, P, Q }, outputs[0]!),
        arguments: [plainInput(2), { from: 'step', index: 0 }, bins],
      },
    ];
    return { steps, outputs: [1] };
  },
};
