/**
 * Convolutions of three by three taps by Winograd's minimal filtering: fewer products, and transforms around them.
 *
 *   V = Bᵀ d B for each tile of the input;  M = U · V, a matrix product for each of the planes;  y = Aᵀ M A
 *
 * F(4×4) computes 16 outputs with 36 products for each pair of channels instead of 144, F(2×2) 4 with 16 instead of 36. A
 * stride of 2 with 5×5 taps counts as four phases of the input, each with 3×3 taps.
 *
 * Planes lie a little more than their length apart: at equal distances that are multiples of 4096 bytes the processor
 * would keep all of them in the same few places of its first cache.
 *
 * Letters  N images, C input channels, O filters, P × Q output, T tiles
 */
import type { ConvolutionGeometry } from '../../../ops/index.ts';
import { winogradInputKernel } from '../kernels/winograd-input.ts';
import { winogradOutputKernel } from '../kernels/winograd-output.ts';
import { winogradWeightsKernel } from '../kernels/winograd-weights.ts';
import { type Address, step } from '../kernel.ts';
import { blocksOf, BLOCK, FLOAT_BYTES, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { biasOf } from './convolution-parts.ts';
import { lowerProducts } from './products.ts';

/** Keeps planes from lying at equal places of the cache. */
const SPARE_BYTES = 320;

/** How a convolution is cut into tiles. */
export interface WinogradPlan {
  readonly tile: 4 | 2;
  /** Products of a tile: planes of V, U and M. */
  readonly planes: number;
  /** Phases of the input along an axis: the stride. */
  readonly phases: number;
  readonly dilation: number;
  readonly tilesY: number;
  readonly tilesX: number;
  /** Tiles of all images and sub-grids. */
  readonly tiles: number;
  /** Blocks of input channels, those of all phases counted. */
  readonly inputBlocks: number;
  readonly outputBlocks: number;
  /** Bytes of the transformed weights. */
  readonly weightBytes: number;
}

/** The plan of a convolution with a tile; undefined where it is not of the right kind. */
export function planWinograd(
  { N, C, O, I, J, P, Q, groups, strideY, strideX, dilationY, dilationX }: ConvolutionGeometry,
  tile: 4 | 2,
): WinogradPlan | undefined {
  const [phases, dilation] = [strideY, dilationY];
  if (groups > 1 || C < BLOCK || strideX !== phases || dilationX !== dilation) return undefined;
  if (phases > 2 || (phases === 2 && dilation > 1)) return undefined;
  if (Math.ceil(I / phases) !== 3 || Math.ceil(J / phases) !== 3) return undefined;
  const tilesOf = (size: number): number => Math.ceil(Math.ceil(size / dilation) / tile);
  const [tilesY, tilesX] = [tilesOf(P), tilesOf(Q)];
  const planes = (tile + 2) ** 2;
  const [inputBlocks, outputBlocks] = [phases * phases * blocksOf(C), blocksOf(O)];
  return {
    tile,
    planes,
    phases,
    dilation,
    tilesY,
    tilesX,
    tiles: N * dilation * dilation * tilesY * tilesX,
    inputBlocks,
    outputBlocks,
    weightBytes: planes * (inputBlocks * outputBlocks * BLOCK * PIXEL_BYTES + SPARE_BYTES),
  };
}

export function lowerWinograd(
  lowering: NodeLowering,
  geometry: ConvolutionGeometry,
  plan: WinogradPlan,
  slope: number,
): void {
  const { N, O, P, Q } = geometry;
  const { tile, planes, dilation, tilesY, tilesX, tiles, inputBlocks, outputBlocks } = plan;
  const blockBytes = tiles * PIXEL_BYTES;
  const inputPlane = inputBlocks * blockBytes + SPARE_BYTES;
  const outputPlane = outputBlocks * blockBytes + SPARE_BYTES;
  const transformed = transformInput(lowering, geometry, plan, blockBytes, inputPlane);
  const weights = transformWeights(lowering, geometry, plan);
  const products = lowering.scratch(planes * outputPlane);
  lowerProducts(lowering, {
    images: planes,
    rows: 1,
    columns: tiles,
    blocks: outputBlocks,
    depth: BLOCK,
    table: lowering.constant(Int32Array.from({ length: inputBlocks }, (_, block) => block * blockBytes)),
    entries: inputBlocks,
    input: transformed,
    inputImage: inputPlane,
    inputRow: 0,
    inputStep: PIXEL_BYTES,
    weights,
    weightsImage: plan.weightBytes / planes,
    output: products,
    outputImage: outputPlane,
    outputBlock: blockBytes,
    outputRow: 0,
    outputStep: PIXEL_BYTES,
    bias: lowering.constant(new Float32Array(BLOCK)),
    sharedBias: true,
  });

  const residual = lowering.node.inputs.length > 3 ? lowering.input(3, 'blocks') : null;
  const span = dilation * tile * tilesX;
  const kernel = winogradOutputKernel({
    tile,
    dilation,
    activation: slope === 1 ? 'none' : slope === 0 ? 'relu' : 'leaky',
    hasResidual: residual !== null,
  });
  lowering.step(kernel, N * outputBlocks * dilation * tilesY, {
    products,
    output: lowering.output(0, 'blocks'),
    bias: biasOf(lowering, O),
    residual,
    scratch: lowering.scratch(lowering.tuning.threads * (tile + 2) * span * PIXEL_BYTES),
    slope,
    blocks: outputBlocks,
    rows: P,
    columns: Q,
    tilesY,
    tilesX,
    span,
    planeBytes: outputPlane,
    blockBytes,
  });
  lowering.choose(`winograd ${tile}x${tile}`);
}

function transformInput(
  lowering: NodeLowering,
  { N, C, H, W, padY, padX }: ConvolutionGeometry,
  { tile, planes, phases, dilation, tilesY, tilesX, inputBlocks }: WinogradPlan,
  blockBytes: number,
  planeBytes: number,
): Address {
  const output = lowering.scratch(planes * planeBytes);
  const span = dilation * (tile * tilesX + 2);
  lowering.step(winogradInputKernel(tile, dilation), N * inputBlocks * dilation * tilesY, {
    input: lowering.input(0, 'blocks'),
    output,
    zeros: lowering.constant(new Float32Array(W * BLOCK)),
    scratch: lowering.scratch(lowering.tuning.threads * (tile + 2) * span * PIXEL_BYTES),
    blocks: blocksOf(C),
    rows: H,
    columns: W,
    padY,
    padX,
    phases,
    dilation,
    tilesY,
    tilesX,
    span,
    planeBytes,
    blockBytes,
  });
  return output;
}

function transformWeights(
  lowering: NodeLowering,
  { C, O, I, J }: ConvolutionGeometry,
  { tile, planes, phases, inputBlocks, outputBlocks, weightBytes }: WinogradPlan,
): Address {
  const size = I * J * FLOAT_BYTES;
  const taps = Array.from({ length: phases * phases }, (_, phase) =>
    Array.from({ length: 9 }, (_none, tap) => {
      const i = phases * Math.floor(tap / 3) + Math.floor(phase / phases);
      const j = phases * (tap % 3) + (phase % phases);
      return i < I && j < J ? (i * J + j) * FLOAT_BYTES : -1;
    }),
  ).flat();
  const offsets = lowering.constant(Int32Array.from(taps));
  return lowering.prepared(1, weightBytes, (source, target) => [
    step(winogradWeightsKernel(tile), outputBlocks * inputBlocks, {
      source,
      target,
      outputs: O,
      inputs: C,
      outputStride: C * size,
      inputStride: size,
      taps: offsets,
      blocks: blocksOf(C),
      allBlocks: inputBlocks,
      planeBytes: weightBytes / planes,
    }),
  ]);
}
