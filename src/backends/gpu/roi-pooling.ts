/**
 * roiPooling on the device.
 *
 * Letters  N images, C channels, H × W map, R ROIs, P × Q bins
 */
import { LOWEST } from '../../ops/first-maximum.ts';
import { roiPoolingBins, roiPoolingGeometry, type RoiPoolingAttributes } from '../../ops/index.ts';
import type { GpuOperator, Lowering, NodeView } from './kernel.ts';
import { eachLane } from './lanes.ts';
import { packedBins } from './packed-bins.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import { plainBins, texelBins } from './region-bins.ts';
import type { Planes, Thread } from './thread.ts';

/** The obvious kernel: the largest of a bin's cells. The bins: `region-bins.ts`. */
function roiPooling(this: Thread<'C' | 'H' | 'W' | 'P' | 'lowest'>, data: Planes, bins: Planes): number {
  const r = Math.floor((this.thread.z + 0.5) / this.constants.C);
  const top = bins[r]![this.thread.y]![0]!;
  const rows = bins[r]![this.thread.y]![1]! - top;
  const n = bins[r]![this.thread.y]![2]!;
  const left = bins[r]![this.constants.P + this.thread.x]![0]!;
  const columns = bins[r]![this.constants.P + this.thread.x]![1]! - left;
  const plane = (n - r) * this.constants.C + this.thread.z;
  let largest = this.constants.lowest;
  for (let i = 0; i < this.constants.H; i++) {
    if (i >= rows) break;
    for (let j = 0; j < this.constants.W; j++) {
      if (j >= columns) break;
      const value = data[plane]![top + i]![left + j]!;
      if (value > largest) largest = value;
    }
  }
  return rows * columns > 0 ? largest : 0;
}

function obvious({
  inputs,
  outputs,
  attributes,
}: NodeView<RoiPoolingAttributes>): ReturnType<GpuOperator['obvious']> {
  const geometry = roiPoolingGeometry(inputs[0]!, inputs[1]!, attributes);
  const { C, H, W, P } = geometry;
  const spec = plainKernel('roiPooling', roiPooling, { C, H, W, P, lowest: LOWEST }, outputs[0]!);
  return oneStep(spec, [plainInput(0), plainBins(1, geometry, attributes.spatialScale, roiPoolingBins)]);
}

/** The fast kernel: `packed-bins.ts`. */
function fast(node: NodeView<RoiPoolingAttributes>): Lowering | undefined {
  const { inputs, attributes } = node;
  const geometry = roiPoolingGeometry(inputs[0]!, inputs[1]!, attributes);
  const data = node.packedInput(0);
  if (!data) return undefined;
  const bins = texelBins(1, geometry, attributes.spatialScale, roiPoolingBins);
  return packedBins(node, data, bins, {
    name: 'roiPooling',
    group: 'g',
    start: eachLane((l) => `let r${l} = ${LOWEST};`),
    cell: eachLane((l) => `if (v[${l}] > r${l}) { r${l} = v[${l}]; }`),
    finish: `if (height * width === 0) { ${eachLane((l) => `r${l} = 0;`)} }`,
  });
}

export const roiPoolingKernels: GpuOperator<RoiPoolingAttributes> = { obvious, fast };
