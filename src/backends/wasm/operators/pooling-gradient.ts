/**
 * averagePoolingGradient and maxPoolingGradient, in blocks.
 *
 * Letters  N images, C channels, H × W pixels, P × Q windows
 */
import {
  averageDivisor,
  type AveragePoolingGradientAttributes,
  type PoolingGeometry,
  poolingGeometry,
  type PoolingWindowAttributes,
  type WindowExtent,
  windowExtents,
} from '../../../ops/index.ts';
import { poolingGradientKernel, poolingWinnersKernel } from '../kernels/pooling-gradient.ts';
import type { PoolingType } from '../kernels/pooling.ts';
import type { Address } from '../kernel.ts';
import { blocksOf, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { chunkRows, extentTable } from './pooling.ts';

export function lowerAveragePoolingGradient(lowering: NodeLowering): void {
  const { height, width, countPadding, ...window } = lowering.node
    .attributes as unknown as Required<AveragePoolingGradientAttributes>;
  const [N, C] = lowering.inputs[0] as readonly [number, number];
  const geometry = poolingGeometry('averagePoolingGradient', [N, C, height, width], window);
  const { rows, columns } = windowExtents(geometry);
  const unit = { first: 0, end: 1, padded: 1 };
  const divisors = (extents: readonly WindowExtent[]): Address =>
    lowering.constant(Int32Array.from(extents, (extent) => averageDivisor(extent, unit, countPadding)));
  lowerGather(lowering, 'average', geometry, lowering.input(0, 'blocks'), {
    rowDivisors: divisors(rows),
    columnDivisors: divisors(columns),
    winners: null,
    data: null,
  });
}

export function lowerMaxPoolingGradient(lowering: NodeLowering): void {
  const window = lowering.node.attributes as unknown as Required<PoolingWindowAttributes>;
  const geometry = poolingGeometry('maxPoolingGradient', lowering.inputs[0]!, window);
  const { N, C, H, W, P, Q, I, J } = geometry;
  const { rows, columns } = windowExtents(geometry);
  const [data, head] = [lowering.input(0, 'blocks'), lowering.input(1, 'blocks')];
  const allRows = N * blocksOf(C) * P;
  const winners = lowering.scratch(allRows * Q * PIXEL_BYTES);
  const chunk = chunkRows(Q * I * J);
  lowering.step(poolingWinnersKernel, Q === 0 ? 0 : Math.ceil(allRows / chunk), {
    input: data,
    output: winners,
    rows: lowering.constant(extentTable(rows, W * PIXEL_BYTES)),
    columns: lowering.constant(extentTable(columns, PIXEL_BYTES)),
    rowCount: P,
    columnCount: Q,
    inputRow: W * PIXEL_BYTES,
    inputPlane: H * W * PIXEL_BYTES,
    allRows,
    chunkRows: chunk,
  });
  lowerGather(lowering, 'max', geometry, head, { rowDivisors: null, columnDivisors: null, winners, data });
}

/** The step in which pixels gather from their windows. */
function lowerGather(
  lowering: NodeLowering,
  type: PoolingType,
  geometry: PoolingGeometry,
  head: Address,
  given: Readonly<Record<'rowDivisors' | 'columnDivisors' | 'winners' | 'data', Address | null>>,
): void {
  const { N, C, H, W, P, Q, I, J, strideY, strideX } = geometry;
  const { rows, columns } = windowExtents(geometry);
  const allRows = N * blocksOf(C) * H;
  const windows = Math.ceil(I / strideY) * Math.ceil(J / strideX);
  const chunk = chunkRows(W * windows);
  const record = {
    input: head,
    output: lowering.output(0, 'blocks'),
    rows: lowering.constant(extentTable(holders(rows, H), Q * PIXEL_BYTES)),
    columns: lowering.constant(extentTable(holders(columns, W), PIXEL_BYTES)),
    rowCount: H,
    columnCount: W,
    inputRow: Q * PIXEL_BYTES,
    inputPlane: P * Q * PIXEL_BYTES,
    allRows,
    chunkRows: chunk,
    ...given,
  };
  lowering.step(poolingGradientKernel(type), W === 0 ? 0 : Math.ceil(allRows / chunk), record);
}

/** For each pixel of an axis the windows that hold it, which are neighbours; `padded` is the index of the first. */
function holders(windows: readonly WindowExtent[], size: number): WindowExtent[] {
  return Array.from({ length: size }, (_, pixel) => {
    const holds = ({ first, end }: WindowExtent): boolean => first <= pixel && pixel < end;
    const first = Math.max(0, windows.findIndex(holds));
    return { first, end: windows.findLastIndex(holds) + 1, padded: first };
  });
}
