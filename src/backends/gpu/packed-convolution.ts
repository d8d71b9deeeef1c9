/**
 * The fast convolution: which window it is, or whether tiles are faster. The kernels are those of `packed-window.ts` and
 * `winograd.ts`.
 *
 * Letters  O filters, H × W input, P × Q output, I × J taps
 */
import { convolutionGeometry, pair, type WindowAttributes } from '../../ops/index.ts';
import type { Argument, Lowering, NodeView } from './kernel.ts';
import { packedFilters } from './packed-filters.ts';
import { splitWindow } from './packed-split.ts';
import { evenTile, type PackedWindow, tilesOf, windowKernels } from './packed-window.ts';
import { winogradConvolution, winogradPays } from './winograd.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** Zeros that the window wants around its input: what it hangs over the edge. */
export function filterBorder({ pad, groups }: Required<WindowAttributes>): number {
  return groups === 1 ? Math.max(...pair(pad)) : 0;
}

/** Undefined for grouped convolutions, for weights that are computed in the graph, and for what fits no texture. */
export function packedConvolution(
  node: NodeView<Required<WindowAttributes>>,
  slope: number,
): Lowering | undefined {
  const { inputs, attributes, capabilities } = node;
  const [data, weight, , residual] = inputs;
  const geometry = convolutionGeometry('convolution', data!, weight!, attributes);
  const { N, C, O, P, Q, I, J, strideY, strideX, padY, padX, dilationY, dilationX, groups } = geometry;
  const filters = packedFilters(node, false);
  const added = residual && node.packedInput(3);
  if (groups > 1 || !filters || (residual && !added)) return undefined;
  const { input, result, parameters } = filters;
  const shortcut: Argument | undefined = residual && { from: 'input', index: 3, as: 'packed' };
  const { packed, tile: mostPixels, mostMultiplyAdds, transformCost } = capabilities;
  const sizes = { N, C, O, P, Q, dilationY, dilationX };
  if (I * J === 9 && I === J && strideY * strideX === 1 && winogradPays(sizes, transformCost)) {
    const places = { padY, padX, dilationY, dilationX };
    const tiles = { input, result, residual: added, ...places, tile: mostPixels, slope };
    return winogradConvolution(tiles, parameters()[1], mostMultiplyAdds, shortcut);
  }
  const tile = evenTile(Q, mostPixels);
  // A single column of taps shares nothing between neighbours.
  const spread = J === 1 ? 'parts of the row' : 'neighbours';
  const pixelStep = J === 1 ? tilesOf(Q, tile) * strideX : strideX;
  const window: PackedWindow = {
    input,
    result,
    residual: added,
    taps: I * J,
    tapsPerRow: J,
    phases: [{ count: I, offset: -padY, offsetStep: dilationY, tap: 0, tapStep: 1 }],
    pixels: range(tile).map((j) =>
      range(J).map((tap) => ({ column: j * pixelStep + tap * dilationX - padX, tap })),
    ),
    spread,
    // Two groups of large windows make sources that take seconds to compile.
    filterGroups: capabilities.packed === 'buffers' && result.groups > 1 && J <= 3 ? 2 : 1,
    rowStep: strideY,
    columnStep: J === 1 ? strideX : tile * strideX,
    slope,
  };
  if (shortcut) return windowKernels(packed!, window, ...parameters(), shortcut);
  return splitWindow(packed!, window, parameters, N * O * P * Q * C * I * J, mostMultiplyAdds);
}
