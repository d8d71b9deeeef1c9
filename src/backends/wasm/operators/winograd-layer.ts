/**
 * Layers that Winograd's filtering computes: those that are a convolution of three by three taps, or phases of such.
 *
 *   stride 2, 5×5 or 6×6 taps   the four phases of the input are channels of their own
 *   deconvolution with stride   the phases of the output are channels of their own
 *   dilation                    sub-grids of pixels are tiles of their own
 *
 * Letters  N images, C input channels, O output channels, H × W input, P × Q output, T tiles
 */
import type { ConvolutionGeometry } from '../../../ops/index.ts';
import { BLOCK, blocksOf, FLOAT_BYTES, PIXEL_BYTES } from '../layout.ts';
import type { WeightOrder } from './convolution-parts.ts';

export interface WinogradLayer {
  readonly N: number;
  readonly C: number;
  readonly O: number;
  readonly H: number;
  readonly W: number;
  readonly P: number;
  readonly Q: number;
  /** Rows and columns of zeros before the input; may be negative. */
  readonly padY: number;
  readonly padX: number;
  /** Phases along an axis, 1 for none; of input and output one at least is 1. */
  readonly inputPhases: number;
  readonly outputPhases: number;
  readonly dilation: number;
  /** How the parameter lies; for each phase the places of nine taps. */
  readonly weights: Pick<WeightOrder, 'outputStride' | 'inputStride' | 'taps'>;
}

/** A convolution as such a layer; undefined where it is none. */
export function convolutionLayer(geometry: ConvolutionGeometry): WinogradLayer | undefined {
  const { C, I, J, groups, strideY, strideX, dilationY, dilationX } = geometry;
  const [phases, dilation] = [strideY, dilationY];
  if (groups > 1 || C < BLOCK || strideX !== phases || dilationX !== dilation) return undefined;
  if (phases > 2 || (phases === 2 && dilation > 1)) return undefined;
  if (Math.ceil(I / phases) !== 3 || Math.ceil(J / phases) !== 3) return undefined;
  const taps = Array.from({ length: phases * phases * 9 }, (_, k) => {
    const [phase, tap] = [Math.floor(k / 9), k % 9];
    const i = phases * Math.floor(tap / 3) + Math.floor(phase / phases);
    const j = phases * (tap % 3) + (phase % phases);
    return i < I && j < J ? i * J + j : -1;
  });
  const weights = { outputStride: C * I * J, inputStride: I * J, taps };
  return { ...geometry, inputPhases: phases, outputPhases: 1, dilation, weights };
}

/** How a layer is cut into tiles. */
export interface WinogradPlan extends WinogradLayer {
  readonly tile: 4 | 2;
  /** Products of a tile: planes of V, U and M. */
  readonly planes: number;
  readonly tilesY: number;
  readonly tilesX: number;
  /** Tiles of all images and sub-grids. */
  readonly tiles: number;
  /** Blocks of channels, those of all phases counted. */
  readonly inputBlocks: number;
  readonly outputBlocks: number;
  /** Bytes of the transformed weights. */
  readonly weightBytes: number;
}

/** Keeps planes from lying at equal places of the cache. */
export const SPARE_BYTES = 320;

export function planWinograd(layer: WinogradLayer, tile: 4 | 2): WinogradPlan {
  const { N, C, O, P, Q, inputPhases, outputPhases, dilation } = layer;
  const tilesOf = (size: number): number => Math.ceil(Math.ceil(size / (dilation * outputPhases)) / tile);
  const [tilesY, tilesX] = [tilesOf(P), tilesOf(Q)];
  const planes = (tile + 2) ** 2;
  const [inputBlocks, outputBlocks] = [inputPhases ** 2 * blocksOf(C), outputPhases ** 2 * blocksOf(O)];
  return {
    ...layer,
    tile,
    planes,
    tilesY,
    tilesX,
    tiles: N * dilation * dilation * tilesY * tilesX,
    inputBlocks,
    outputBlocks,
    weightBytes: planes * (inputBlocks * outputBlocks * BLOCK * PIXEL_BYTES + SPARE_BYTES),
  };
}

/**
 * How many multiply-adds a plan is worth. Transforms take as long as 16 for each element that passes through them with
 * F(4×4), 9 with F(2×2); `weightCost` says how many an element of weights takes.
 */
export function winogradCost(
  { tile, planes, tiles, inputBlocks, outputBlocks, weightBytes }: WinogradPlan,
  weightCost: number,
): number {
  const channels = (inputBlocks + outputBlocks) * BLOCK;
  const products = planes * tiles * inputBlocks * outputBlocks * BLOCK * BLOCK;
  const transforms = planes * tiles * channels * (tile === 4 ? 16 : 9);
  return products + transforms + (weightBytes / FLOAT_BYTES) * weightCost;
}
