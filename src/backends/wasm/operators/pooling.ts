/**
 * pooling: in blocks where the input is there in blocks, else planar.
 *
 * Letters  N images, C channels, H × W input, P × Q output, I × J window
 */
import {
  averageDivisor,
  type PoolingAttributes,
  type PoolingGeometry,
  poolingGeometry,
  type WindowExtent,
  windowExtents,
} from '../../../ops/index.ts';
import { poolingKernel } from '../kernels/pooling.ts';
import { planarPoolingKernel } from '../kernels/pooling-planar.ts';
import type { Address } from '../kernel.ts';
import { blocksOf, FLOAT_BYTES, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';

/** Taps of an item, at least: some microseconds. */
const ITEM_TAPS = 20_000;

export function lowerPooling(lowering: NodeLowering): void {
  const { type, countPadding, ...window } = lowering.node
    .attributes as unknown as Required<PoolingAttributes>;
  const geometry = poolingGeometry('pooling', lowering.inputs[0]!, window);
  const { N, C, H, W, P, Q, I, J, strideX } = geometry;
  const layout = lowering.has(0, 'blocks') ? 'blocks' : 'planar';
  const pixelBytes = layout === 'blocks' ? PIXEL_BYTES : FLOAT_BYTES;
  const planes = N * (layout === 'blocks' ? blocksOf(C) : C);
  const { rows, columns } = windowExtents(geometry);
  const unit = { first: 0, end: 1, padded: 1 };
  const table = (extents: readonly WindowExtent[], bytes: number): Address =>
    lowering.constant(extentTable(extents, bytes, (extent) => averageDivisor(extent, unit, countPadding)));
  const output = lowering.output(0, layout);
  if (planes * P * Q === 0) return;
  const chunk = chunkRows(Q * I * J);
  const record = {
    input: lowering.input(0, layout),
    output,
    rows: table(rows, W * pixelBytes),
    columns: table(columns, pixelBytes),
    rowCount: P,
    columnCount: Q,
    inputRow: W * pixelBytes,
    inputPlane: H * W * pixelBytes,
    allRows: planes * P,
    chunkRows: chunk,
  };
  const items = Math.ceil((planes * P) / chunk);
  if (layout === 'blocks') return lowering.step(poolingKernel(type, J), items, record);
  const { foursFirst, foursEnd } = fours(geometry, columns);
  const kernel =
    foursEnd > foursFirst ? planarPoolingKernel(type, J, strideX as 1 | 2) : planarPoolingKernel(type, 0, 1);
  lowering.step(kernel, items, { ...record, foursFirst, foursEnd });
}

/** Output rows of an item, each of which reads so many pixels. */
export function chunkRows(pixels: number): number {
  return Math.ceil(ITEM_TAPS / Math.max(1, pixels));
}

/** Extents as kernels read them; see `kernels/pooling.ts`. By default the last word is what `padded` says. */
export function extentTable(
  extents: readonly WindowExtent[],
  bytes: number,
  last: (extent: WindowExtent) => number = ({ padded }) => padded,
): Int32Array {
  return Int32Array.from(
    extents.flatMap((extent) => [extent.first * bytes, extent.end - extent.first, last(extent)]),
  );
}

/** The output columns that planar pooling takes by fours: none of what they read is beyond the row. */
function fours(
  { W, Q, J, strideX }: PoolingGeometry,
  columns: readonly WindowExtent[],
): { foursFirst: number; foursEnd: number } {
  const none = { foursFirst: 0, foursEnd: 0 };
  if (strideX > 2 || J > 8) return none;
  const first = columns.findIndex(({ first, end }) => end - first === J);
  if (first < 0) return none;
  // The last tap of column q reads four or, with stride 2, eight values from there on.
  const reads = J - 1 + 4 * strideX;
  let end = first;
  while (end + 4 <= Q && columns[end]!.first + reads <= W) end += 4;
  return { foursFirst: first, foursEnd: end };
}
