/**
 * deconvolution and fusedDeconvolution on the device.
 *
 * Letters  N images, C input channels, O output channels, H × W input, P × Q output, I × J taps
 */
import { pair } from '../../ops/index.ts';
import { begin, type EnlargementAttributes, phaseBorder, tapsOfPhase } from './deconvolution-phases.ts';
import type { GpuOperator, Lowering, NodeView } from './kernel.ts';
import { packedFilters } from './packed-filters.ts';
import { splitWindow } from './packed-split.ts';
import { evenTile, type PackedWindow, type PixelTaps, type RowTaps } from './packed-window.ts';
import { plainDeconvolution } from './plain-deconvolution.ts';
import { oneStep, optionalInput, plainInput, plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

type Steps = 'strideY' | 'strideX' | 'dilationY' | 'dilationX';
type Letters =
  Steps | 'C' | 'H' | 'W' | 'O' | 'I' | 'J' | 'groupC' | 'groupO' | 'top' | 'left' | 'hasBias' | 'slope';

/**
 * The obvious kernel, as a gather: output pixel Y collects the input pixels y with y · stride + i · dilation = Y, for
 * all taps i where such a y exists.
 */
function deconvolution(this: Thread<Letters>, data: Planes, weight: Planes, bias: Planes): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.O);
  const o = this.thread.z - n * this.constants.O;
  const group = Math.floor((o + 0.5) / this.constants.groupO);
  const filter = o - group * this.constants.groupO;
  let sum = bias[0]![0]![o * this.constants.hasBias]!;
  for (let i = 0; i < this.constants.I; i++) {
    const down = this.thread.y + this.constants.top - i * this.constants.dilationY;
    const y = Math.floor((down + 0.5) / this.constants.strideY);
    for (let j = 0; j < this.constants.J; j++) {
      const right = this.thread.x + this.constants.left - j * this.constants.dilationX;
      const x = Math.floor((right + 0.5) / this.constants.strideX);
      if (
        y * this.constants.strideY === down &&
        x * this.constants.strideX === right &&
        y >= 0 &&
        y < this.constants.H &&
        x >= 0 &&
        x < this.constants.W
      ) {
        for (let c = 0; c < this.constants.groupC; c++) {
          const plane = group * this.constants.groupC + c;
          sum +=
            data[n * this.constants.C + plane]![y]![x]! *
            weight[plane * this.constants.groupO + filter]![i]![j]!;
        }
      }
    }
  }
  return sum > 0 ? sum : sum * this.constants.slope;
}

function obvious({ inputs, outputs, attributes }: NodeView<EnlargementAttributes>): Lowering {
  const [, C, H, W] = inputs[0]! as unknown as readonly [number, number, number, number];
  const [, groupO, I, J] = inputs[1]! as unknown as readonly [number, number, number, number];
  const { stride, dilation, groups, slope = 1 } = attributes;
  const [[strideY, strideX], [dilationY, dilationX]] = [pair(stride), pair(dilation)];
  const [top, left] = begin(attributes);
  const sizes = { C, H, W, O: groupO * groups, I, J, groupC: C / groups, groupO };
  const steps = { strideY, strideX, dilationY, dilationX, top, left };
  const constants = { ...sizes, ...steps, hasBias: inputs.length > 2 ? 1 : 0, slope };
  const spec = plainKernel('deconvolution', deconvolution, constants, outputs[0]!);
  return oneStep(spec, [plainInput(0), plainInput(1), optionalInput(inputs, 2)]);
}

/**
 * Textures that a kernel may read. WebGL2 promises sixteen, but gpu.js binds a new result to the last of them just before
 * it draws: a kernel of sixteen arguments would read its own result, and nothing is drawn.
 */
const MOST_TEXTURES = 15;

/**
 * The fast kernel: a deconvolution at stride s is s × s convolutions, one for each position of an output pixel modulo
 * s, each with the taps that reach it. Those of one row lie in one tile and share its fetches.
 *
 * Undefined for groups, dilation, different strides, weights computed in the graph, and what fits no texture.
 */
function fast(node: NodeView<EnlargementAttributes>): Lowering | undefined {
  const { inputs, attributes, capabilities } = node;
  const [, , I, J] = inputs[1]! as unknown as readonly [number, number, number, number];
  const [stride, strideX] = pair(attributes.stride);
  const [top, left] = begin(attributes);
  const filters = packedFilters(node, true);
  const plain =
    attributes.groups === 1 && pair(attributes.dilation).every((d) => d === 1) && stride === strideX;
  if (!filters || !plain || stride > Math.min(I, J)) return undefined;
  const { input, result, parameters } = filters;
  // A merge reads the parts of all phases.
  const most =
    capabilities.packed === 'textures'
      ? Math.min(capabilities.maxParts, Math.floor(MOST_TEXTURES / stride))
      : capabilities.tile;
  if (capabilities.packed === 'textures' && stride > most) return undefined;
  const inputPixels = evenTile(inputs[0]![3]!, Math.max(1, Math.floor(most / stride)));
  const phases = Array.from({ length: stride }, (_, phase): RowTaps => {
    const taps = tapsOfPhase(phase + top, I, stride);
    const { offset, tap } = taps[0]!;
    return { count: taps.length, offset, offsetStep: -1, tap, tapStep: stride };
  });
  const pixels = Array.from({ length: inputPixels * stride }, (_, x): PixelTaps => {
    const pixel = Math.floor(x / stride);
    return tapsOfPhase((x % stride) + left, J, stride).map(({ offset, tap }) => ({
      column: pixel + offset,
      tap,
    }));
  });
  const window: PackedWindow = {
    input,
    result,
    residual: undefined,
    taps: I * J,
    tapsPerRow: J,
    phases,
    pixels,
    spread: 'neighbours',
    filterGroups: 1,
    rowStep: 1,
    columnStep: inputPixels,
    slope: attributes.slope ?? 1,
  };
  const [N, C, H, W] = inputs[0]! as unknown as readonly [number, number, number, number];
  const multiplyAdds = N * C * H * W * result.C * I * J;
  return splitWindow(capabilities.packed!, window, parameters, multiplyAdds, capabilities.mostMultiplyAdds);
}

export const deconvolutionKernels: GpuOperator<EnlargementAttributes> = {
  obvious,
  fast,
  fastPlain: plainDeconvolution,
  border: (node, input) => (input === 0 ? phaseBorder(node) : 0),
};
export const fusedDeconvolutionKernels: GpuOperator<EnlargementAttributes> = deconvolutionKernels;
