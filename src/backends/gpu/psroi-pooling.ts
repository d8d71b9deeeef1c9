/**
 * psroiPooling on the device.
 *
 * Letters  N images, C = D·G·G channels, H × W map, R ROIs, D output channels, P × P bins, G × G groups
 */
import {
  psroiBins,
  type PsroiGeometry,
  psroiGeometry,
  type PsroiPoolingAttributes,
} from '../../ops/index.ts';
import type { GpuOperator, KernelSpec, Lowering, NodeView } from './kernel.ts';
import { type PackedLayout, plainAxes } from './layout.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import { plainBins, texelBins } from './region-bins.ts';
import { placeOf, quotient } from './texel-source.ts';
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
 * The fast kernel. A cell costs one fetch, of a texel or a number, at a place that is the bin's first plus two counters:
 * where the plane of the bin's channel lies is worked out once per bin. A texel holds the channels of four bins, of which
 * only one wants its cell.
 */
function fast(node: NodeView<Attributes>): Lowering | undefined {
  const { inputs, outputs, attributes, capabilities } = node;
  const geometry = psroiGeometry(inputs[0]!, inputs[1]!, attributes);
  const layout = node.packedInput(0);
  if (!layout || geometry.R > capabilities.maxSide) return undefined;
  const shape = { ...geometry, Q: geometry.P };
  const textures = capabilities.packed === 'textures';
  const axes = plainAxes(outputs[0]!);
  const spec: KernelSpec = {
    name: 'psroi',
    source: textures ? fromTexels(geometry, layout) : fromNumbers(geometry, layout),
    output: axes,
    gives: 'number',
    result: { kind: 'plain', axes },
  };
  const bins = (textures ? texelBins : plainBins)(1, shape, attributes.spatialScale, psroiBins);
  return oneStep(spec, [{ from: 'input', index: 0, as: 'packed' }, bins]);
}

/** Statements that find the bin's edges and, as g and lane, its channel. */
const binOf = ({ D, P, G }: PsroiGeometry): string => `const r = ${quotient('this.thread.z', D)};
  const rows = bins[r][this.thread.y]; const columns = bins[r][${P} + this.thread.x];
  const gy = ${G === P ? 'this.thread.y' : quotient(`this.thread.y * ${G}`, P)};
  const gx = ${G === P ? 'this.thread.x' : quotient(`this.thread.x * ${G}`, P)};
  const c = ((this.thread.z - r * ${D}) * ${G} + gy) * ${G} + gx; const g = ${quotient('c', 4)}; const lane = c - g * 4;`;

function fromTexels(geometry: PsroiGeometry, layout: PackedLayout): string {
  const { row, column } = placeOf(layout, 'rows[2]', 'g', 'rows[0]', 'columns[0]');
  return `function psroi(data, bins) {
  ${binOf(geometry)}
  const top = ${row}; const height = rows[1] - rows[0];
  const left = ${column}; const width = columns[1] - columns[0];
  let s0 = 0; let s1 = 0; let s2 = 0; let s3 = 0;
  for (let i = 0; i < ${geometry.H}; i++) {
    if (i >= height) break;
    for (let j = 0; j < ${geometry.W}; j++) {
      if (j >= width) break;
      const v = data[top + i][left + j];
      s0 += v[0]; s1 += v[1]; s2 += v[2]; s3 += v[3];
    }
  }
  let sum = s0;
  if (lane === 1) { sum = s1; } if (lane === 2) { sum = s2; } if (lane === 3) { sum = s3; }
  if (height * width === 0) { return 0; }
  return sum / (height * width);
}`;
}

function fromNumbers(geometry: PsroiGeometry, layout: PackedLayout): string {
  const { row, column } = placeOf(layout, 'image', 'g', 'y0', 'x0');
  return `function psroi(data, bins) {
  ${binOf(geometry).replace('bins[r][this.thread.y]', '0').replace(/bins\[r\]\[\d+ \+ this.thread.x\]/, '0')}
  const y0 = bins[r][this.thread.y][0]; const height = bins[r][this.thread.y][1] - y0; const image = bins[r][this.thread.y][2];
  const x0 = bins[r][${geometry.P} + this.thread.x][0]; const width = bins[r][${geometry.P} + this.thread.x][1] - x0;
  const first = ((${row}) * ${layout.columns} + ${column}) * 4 + lane;
  let sum = 0;
  for (let i = 0; i < ${geometry.H}; i++) {
    if (i >= height) break;
    for (let j = 0; j < ${geometry.W}; j++) {
      if (j >= width) break;
      sum += data[first + i * ${4 * layout.columns} + j * 4];
    }
  }
  if (height * width === 0) { return 0; }
  return sum / (height * width);
}`;
}

export const psroiPoolingKernels: GpuOperator<Attributes> = { obvious, fast };
