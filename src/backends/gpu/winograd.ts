/**
 * Convolutions of 3 × 3 taps at stride 1 by Winograd's minimal filtering F(2 × 2, 3 × 3): Lavin and Gray, Fast Algorithms
 * for Convolutional Neural Networks, section 4.1. A tile of 2 × 2 outputs y follows from a patch d of 4 × 4 inputs and
 * the filter g by
 *
 *     y = Aᵀ [ Σ over channels (G g Gᵀ) ⊙ (Bᵀ d B) ] A
 *
 * which takes 16 multiply-adds per channel where the window takes 36. The transform of the filters is made once, that of
 * the patches is shared by all filters, and the sum over channels is sixteen products of matrices. The sums are shorter
 * than those of the window, and the rounding error is no larger. But a number that is not finite spoils its whole tile.
 *
 * With dilation d, pixels that are d apart are neighbours: tiles and patches are made of those. The tiles of a row begin
 * at the columns 0 … d−1, 2d … 3d−1, and so on; tile s begins at s + d⌊s / d⌋, whatever the dilation.
 *
 * Only on buffers (webgpu), where an invocation loads and stores 16 texels at once. On textures each number of a transform
 * would be an invocation of its own, which costs what the products save. Where a processor does
 * the work of the graphics card, maps of 38 × 63 with 64 or 256 channels take about 1.7 times as long with the window.
 *
 * Letters  N images, C input channels, O filters, P × Q output, T tiles
 */
import type { Tensor } from '../../tensor/tensor.ts';
import type { Argument, Lowering, Upload } from './kernel.ts';
import { channelPlace, type PackedLayout } from './layout.ts';
import { MOST_PRODUCTS, winogradProducts } from './winograd-products.ts';
import { tilesAlong, winogradTiles, type WinogradWindow } from './winograd-tiles.ts';
import { inputTransform, outputTransform } from './winograd-transforms.ts';

/** What the choice between the window and the tiles depends on. */
export interface WinogradSizes {
  readonly N: number;
  readonly C: number;
  readonly O: number;
  readonly P: number;
  readonly Q: number;
  readonly dilationY: number;
  readonly dilationX: number;
}

/** Two more launches take as long as moving about so many numbers. */
const LAUNCHES = 5e4;
/** Every device of mode webgpu can bind buffers of so many numbers: 128 MiB. */
const MOST_NUMBERS = 2 ** 25;

/**
 * Whether tiles are faster than the window.
 *
 * The window takes 9 multiply-adds per output, channel and filter. Tiles take 16 for four outputs, or fewer where the
 * edge cuts them; 16 numbers of each channel and of each filter pass through memory, and filters are of 16 numbers, not 9.
 *
 * @param transformCost how many multiply-adds a device does in the time in which one number is transformed
 */
export function winogradPays(sizes: WinogradSizes, transformCost: number): boolean {
  const { N, C, O, P, Q, dilationY, dilationX } = sizes;
  const T = N * tilesAlong(P, dilationY) * tilesAlong(Q, dilationX);
  if (16 * Math.max(C * T, O * T, C * O) > MOST_NUMBERS) return false;
  const window = 9 * C * O * N * P * Q;
  const moved = 16 * T * (C + O) + (16 - 9) * C * O + LAUNCHES;
  const tiles = 16 * C * O * T + transformCost * moved;
  return tiles < window;
}

/** The steps of a convolution by tiles. @param residual the argument of `window.residual` */
export function winogradConvolution(
  window: WinogradWindow,
  bias: Argument,
  mostMultiplyAdds: number,
  residual?: Argument,
): Lowering {
  const { input, result } = window;
  const { count } = winogradTiles(window);
  const wanted = Math.ceil((16 * count * input.C * result.C) / mostMultiplyAdds);
  const pieces = wanted <= 1 ? 1 : wanted <= 2 ? 2 : MOST_PRODUCTS;
  const rows = 4 / pieces;
  const steps = [
    {
      spec: inputTransform(window),
      arguments: [{ from: 'input', index: 0, as: 'packed' }] as readonly Argument[],
    },
  ];
  for (let p = 0; p < 4; p += rows) {
    const weights: Argument = {
      from: 'weights',
      inputs: [1],
      pack: ([weight]) => transformFilters(weight!, 4 * input.groups, result, p, rows),
    };
    steps.push({
      spec: winogradProducts(window, p, rows),
      arguments: [{ from: 'step', index: 0 }, weights],
    });
  }
  const parts = steps.slice(1).map((_, k): Argument => ({ from: 'step', index: k + 1 }));
  const shortcut = residual ? [residual] : [];
  steps.push({ spec: outputTransform(window, pieces), arguments: [...parts, bias, ...shortcut] });
  return { steps, outputs: [steps.length - 1] };
}

/** Number k of G g for a column g of three; G has the rows (1 0 0), (½ ½ ½), (½ −½ ½), (0 0 1). */
function along(k: number, g0: number, g1: number, g2: number): number {
  if (k === 0) return g0;
  if (k === 3) return g2;
  return (k === 1 ? g0 + g1 + g2 : g0 - g1 + g2) / 2;
}

/**
 * Some rows p of G g Gᵀ as texels: the four filters of a group, at column `input channel`, row `(4p + q) · groups + group`.
 * Channels and filters that do not fill a group of four are zeros. Computed in float64, rounded once.
 */
export function transformFilters(
  { shape, data }: Tensor,
  columns: number,
  result: PackedLayout,
  firstRow: number,
  rows: number,
): Upload {
  const [O, C] = shape as unknown as readonly [number, number];
  const plane = 4 * columns * result.groups; // all filters in one number of the transform
  const packed = new Float32Array(4 * rows * plane);
  for (let o = 0; o < O; o++) {
    const place = channelPlace(result, o);
    const first = 4 * columns * (place >> 2) + (place & 3);
    for (let p = 0; p < rows; p++) {
      const k = firstRow + p;
      for (let c = 0; c < C; c++) {
        const g = (o * C + c) * 9;
        const r0 = along(k, data[g]!, data[g + 3]!, data[g + 6]!);
        const r1 = along(k, data[g + 1]!, data[g + 4]!, data[g + 7]!);
        const r2 = along(k, data[g + 2]!, data[g + 5]!, data[g + 8]!);
        const at = 4 * p * plane + first + 4 * c;
        packed[at] = r0;
        packed[at + plane] = along(1, r0, r1, r2);
        packed[at + 2 * plane] = along(2, r0, r1, r2);
        packed[at + 3 * plane] = r2;
      }
    }
  }
  return { layout: { kind: 'texels', columns, rows: 4 * rows * result.groups }, data: packed };
}
