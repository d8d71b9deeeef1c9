/**
 * convolution and fusedConvolution on the device.
 *
 * Letters  N images, C input channels, O filters, H × W input, P × Q output, I × J taps
 */
import { convolutionGeometry, type WindowAttributes } from '../../ops/index.ts';
import type { GpuOperator, NodeView } from './kernel.ts';
import { filterBorder, packedConvolution } from './packed-convolution.ts';
import { plainConvolution } from './plain-convolution.ts';
import { oneStep, optionalInput, plainInput, plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

type Window = 'H' | 'W' | 'I' | 'J' | 'strideY' | 'strideX' | 'padY' | 'padX' | 'dilationY' | 'dilationX';
type Letters = Window | 'C' | 'O' | 'groupC' | 'groupO' | 'hasBias' | 'hasResidual' | 'slope';

/**
 * The obvious kernel: every output number walks its window, and skips what hangs over the edge. A missing bias or
 * residual is a single 0, whose index is then always 0.
 */
function convolution(
  this: Thread<Letters>,
  data: Planes,
  weight: Planes,
  bias: Planes,
  residual: Planes,
): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.O);
  const o = this.thread.z - n * this.constants.O;
  const group = Math.floor((o + 0.5) / this.constants.groupO);
  const firstPlane = n * this.constants.C + group * this.constants.groupC;
  let sum = bias[0]![0]![o * this.constants.hasBias]!;
  for (let c = 0; c < this.constants.groupC; c++) {
    for (let i = 0; i < this.constants.I; i++) {
      for (let j = 0; j < this.constants.J; j++) {
        const y = this.thread.y * this.constants.strideY - this.constants.padY + i * this.constants.dilationY;
        const x = this.thread.x * this.constants.strideX - this.constants.padX + j * this.constants.dilationX;
        if (y >= 0 && y < this.constants.H && x >= 0 && x < this.constants.W) {
          sum += data[firstPlane + c]![y]![x]! * weight[o * this.constants.groupC + c]![i]![j]!;
        }
      }
    }
  }
  const has = this.constants.hasResidual;
  const total = sum + residual[this.thread.z * has]![this.thread.y * has]![this.thread.x * has]!;
  return total > 0 ? total : total * this.constants.slope;
}

type Attributes = Required<WindowAttributes> & { readonly slope?: number };

function obvious(node: NodeView<Attributes>): ReturnType<GpuOperator['obvious']> {
  const { inputs, attributes } = node;
  const geometry = convolutionGeometry('convolution', inputs[0]!, inputs[1]!, attributes);
  const { N: _, P: _rows, Q: _columns, groups: _groups, ...letters } = geometry;
  const constants = {
    ...letters,
    hasBias: inputs.length > 2 ? 1 : 0,
    hasResidual: inputs.length > 3 ? 1 : 0,
    slope: attributes.slope ?? 1,
  };
  const spec = plainKernel('convolution', convolution, constants, node.outputs[0]!);
  return oneStep(spec, [plainInput(0), plainInput(1), optionalInput(inputs, 2), optionalInput(inputs, 3)]);
}

export const convolutionKernels: GpuOperator<Attributes> = {
  obvious,
  fast: (node) => packedConvolution(node, node.attributes.slope ?? 1),
  fastPlain: (node) => plainConvolution(node, node.attributes.slope ?? 1),
  sorts: true,
  border: (node, input) => (input === 0 ? filterBorder(node.attributes) : 0),
};

export const fusedConvolutionKernels: GpuOperator<Attributes> = convolutionKernels;
