/**
 * psroiPooling on the device.
 *
 * Letters  N images, C = D·G·G channels, H × W map, R ROIs, D output channels, P × P bins, G × G groups
 */
import { psroiBins, psroiGeometry, type PsroiPoolingAttributes } from '../../ops/index.ts';
import type { GpuOperator, Lowering, NodeView } from './kernel.ts';
import { eachLane } from './lanes.ts';
import { packedBins } from './packed-bins.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import { plainBins, texelBins } from './region-bins.ts';
import { quotient } from './texel-source.ts';
import type { Planes, Thread } from './thread.ts';

/** The obvious kernel: the mean of a bin's cells. The bins: `region-bins.ts`. */
function psroiPooling(this: Thread<'C' | 'H' | 'W' | 'D' | 'P' | 'G'>, data: Planes, bins: Planes): number {
  const r = Math.floor((this.thread.z + 0.5) / this.constants.D);
  const d = this.thread.z - r * this.constants.D;
  const top = bins[r]![this.thread.y]![0]!;
  const rows = bins[r]![this.thread.y]![1]! - top;
  const n = bins[r]![this.thread.y]![2]!;
  const left = bins[r]![this.constants.P + this.thread.x]![0]!;
  const columns = bins[r]![this.constants.P + this.thread.x]![1]! - left;
  const groupY = Math.floor((this.thread.y * this.constants.G + 0.5) / this.constants.P);
  const groupX = Math.floor((this.thread.x * this.constants.G + 0.5) / this.constants.P);
  const plane = n * this.constants.C + (d * this.constants.G + groupY) * this.constants.G + groupX;
  let sum = 0;
  for (let i = 0; i < this.constants.H; i++) {
    if (i >= rows) break;
    for (let j = 0; j < this.constants.W; j++) {
      if (j >= columns) break;
      sum += data[plane]![top + i]![left + j]!;
    }
  }
  return rows * columns > 0 ? sum / (rows * columns) : 0;
}

type Attributes = Required<PsroiPoolingAttributes>;

function obvious({ inputs, outputs, attributes }: NodeView<Attributes>): ReturnType<GpuOperator['obvious']> {
  const geometry = psroiGeometry(inputs[0]!, inputs[1]!, attributes);
  const { C, H, W, D, P, G } = geometry;
  const spec = plainKernel('psroiPooling', psroiPooling, { C, H, W, D, P, G }, outputs[0]!);
  const bins = plainBins(1, { ...geometry, Q: P }, attributes.spatialScale, psroiBins);
  return oneStep(spec, [plainInput(0), bins]);
}

/**
 * The fast kernel: `packed-bins.ts`. Neighbouring channels belong to different bins, so that a texel of them would serve
 * one channel. The maps are sorted by sections instead: a texel then holds four outputs of one bin.
 */
function fast(node: NodeView<Attributes>): Lowering | undefined {
  const { inputs, attributes } = node;
  const geometry = psroiGeometry(inputs[0]!, inputs[1]!, attributes);
  const { D, P, G } = geometry;
  const data = node.packedInput(0);
  if (!data || data.sections !== G * G) return undefined;
  const section = (i: string): string => (G === P ? i : quotient(`${i} * ${G}`, P));
  const bins = texelBins(1, { ...geometry, Q: P }, attributes.spatialScale, psroiBins);
  return packedBins(node, data, bins, {
    name: 'psroi',
    group: `(${section('y')} * ${G} + ${section('x')}) * ${Math.ceil(D / 4)} + g`,
    start: eachLane((l) => `let r${l} = 0;`),
    cell: eachLane((l) => `r${l} += v[${l}];`),
    finish: `const cells = Math.max(height * width, 1); ${eachLane((l) => `r${l} = r${l} / cells;`)}`,
  });
}

export const psroiPoolingKernels: GpuOperator<Attributes> = {
  obvious,
  fast,
  sections: ({ inputs, attributes }, input) =>
    input === 0 ? psroiGeometry(inputs[0]!, inputs[1]!, attributes).G ** 2 : 1,
};
