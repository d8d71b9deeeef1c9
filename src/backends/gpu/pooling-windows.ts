/**
 * Pooling windows as tables: which pixels a window covers, and which windows cover a pixel. Made on the host, where
 * divisions are exact.
 */
import { type PoolingGeometry, type WindowExtent, windowExtents } from '../../ops/index.ts';
import type { Argument } from './kernel.ts';
import { plainTable } from './plain-kernel.ts';

/** What a window adds to the divisor of its average: the product of those of its row and column. */
export function weightOf({ first, end, padded }: WindowExtent, countPadding: boolean): number {
  return countPadding ? padded : Math.max(0, end - first);
}

/** For the windows of each output row, and of each output column: first pixel, end, weight in the divisor. */
export function extentTables(geometry: PoolingGeometry, countPadding: boolean): Argument[] {
  const { rows, columns } = windowExtents(geometry);
  return [rows, columns].map((extents) =>
    plainTable(
      [extents.length, 3],
      extents.flatMap((extent) => [extent.first, extent.end, weightOf(extent, countPadding)]),
    ),
  );
}

/** For each pixel row, and column: the first window that covers it, and the one behind the last. */
export function coverTables(geometry: PoolingGeometry): {
  readonly tables: Argument[];
  /** Most windows that cover a row, and a column. */
  readonly most: readonly [rows: number, columns: number];
} {
  const { rows, columns } = windowExtents(geometry);
  const covers = [cover(geometry.H, rows), cover(geometry.W, columns)] as const;
  const most = covers.map((list) => Math.max(...list.map(([first, end]) => end - first)));
  return {
    tables: covers.map((list) => plainTable([list.length, 2], list.flat())),
    most: [most[0]!, most[1]!],
  };
}

/** First and end of the windows that cover each pixel of an axis; they follow one another. */
function cover(size: number, extents: readonly WindowExtent[]): [number, number][] {
  return Array.from({ length: size }, (_, i) => {
    const covers = ({ first, end }: WindowExtent): boolean => first <= i && i < end;
    const first = extents.findIndex(covers);
    return first < 0 ? [0, 0] : [first, extents.findLastIndex(covers) + 1];
  });
}
