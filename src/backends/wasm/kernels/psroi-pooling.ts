/**
 * Position-sensitive pooling of regions: the mean of one bin of all regions.
 *
 *   item = (bin, block of eight output channels, or two of them)
 *   for each region: sum the pixels of the bin in this bin's map, eight output channels at once
 *
 * The maps come as [N][D/8][G · G][S][8], so that a pixel's lanes are output channels, which share their bins. An item
 * reads one map of S pixels, which stays in the cache for all regions. Sums are float64, as on the reference.
 *
 * Letters  N images, S pixels of a map, R regions, D output channels, P × P bins, G × G groups
 */
import { type Body, type Expression, f64, f64x2, i32, type Local } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { addDoubles, clearDoubles, doubleLocals, loadFloats, storeFloats } from './doubles.ts';

const fields = {
  maps: 'address',
  /** Of `region-bins.ts`, and bytes of a region in it. */
  table: 'address',
  regionBytes: 'i32',
  /** R × D/8 × P × P × 8. */
  output: 'address',
  regions: 'i32',
  blocks: 'i32',
  bins: 'i32',
  groups: 'i32',
  /** Bytes of a row and of a map. */
  rowBytes: 'i32',
  mapBytes: 'i32',
} as const;

/** The cells of a bin in a region, and its image. */
export interface Bin {
  readonly image: Local<'i32'>;
  readonly y0: Local<'i32'>;
  readonly y1: Local<'i32'>;
  readonly x0: Local<'i32'>;
  readonly x1: Local<'i32'>;
}

/** @param rows, columns where in an entry the bin's row and column edges are, in bytes */
export function readBin(body: Body, entry: Local<'i32'>, rows: Local<'i32'>, columns: Local<'i32'>): Bin {
  const [vertical, horizontal] = [body.let(i32.add(entry, rows)), body.let(i32.add(entry, columns))];
  return {
    image: body.let(i32.load(entry)),
    y0: body.let(i32.load(vertical)),
    y1: body.let(i32.load(vertical, 4)),
    x0: body.let(i32.load(horizontal)),
    x1: body.let(i32.load(horizontal, 4)),
  };
}

/** Whether there is a cell in a bin, and an image. */
export function isFilled(body: Body, { image, y0, y1, x0, x1 }: Bin): Local<'i32'> {
  const cells = i32.and(i32.greater(y1, y0), i32.greater(x1, x0));
  return body.let(i32.and(cells, i32.greaterEqual(image, 0)));
}

/** Visits the cells of a bin in row-major order, their addresses given. @param map address of the map's first pixel */
export function forEachCell(
  body: Body,
  { y0, y1, x0, x1 }: Bin,
  map: Local<'i32'>,
  rowBytes: Local<'i32'>,
  cellBytes: number,
  visit: (cell: Local<'i32'>) => void,
): void {
  const start = i32.add(i32.multiply(y0, rowBytes), i32.multiply(x0, cellBytes));
  const line = body.let(i32.add(map, start));
  body.for(y0, y1, 1, () => {
    const cell = body.let(line);
    body.for(x0, x1, 1, () => {
      visit(cell);
      body.increase(cell, cellBytes);
    });
    body.increase(line, rowBytes);
  });
}

/** @param together blocks of an item, which divides their number; more than one share the walk over the cells */
export function psroiPoolingKernel(together: 1 | 2): Kernel<typeof fields> {
  return defineKernel({
    name: `psroi pooling ${together}`,
    fields,
    write(body, record) {
      const { blocks, bins, groups, mapBytes, item } = record;
      const parts = body.let(i32.divide(blocks, together));
      const block = body.let(i32.multiply(i32.remainder(item, parts), together));
      const bin = body.let(i32.divide(item, parts));
      const [i, j] = [body.let(i32.divide(bin, bins)), body.let(i32.remainder(bin, bins))];
      const groupOf = (index: Local<'i32'>): Expression<'i32'> =>
        i32.divide(i32.multiply(index, groups), bins);
      const group = i32.add(i32.multiply(groupOf(i), groups), groupOf(j));
      const blockBytes = body.let(i32.multiply(i32.multiply(groups, groups), mapBytes));
      const ofBlock = i32.add(i32.multiply(block, blockBytes), i32.multiply(group, mapBytes));
      const first = body.let(i32.add(record.maps, ofBlock));
      const imageBytes = body.let(i32.multiply(blocks, blockBytes));
      const rows = body.let(i32.add(4, i32.multiply(i, 8)));
      const columns = body.let(i32.add(4, i32.multiply(i32.add(bins, j), 8)));
      const area = body.let(i32.multiply(bins, bins));
      const to = body.let(i32.add(record.output, i32.multiply(i32.add(i32.multiply(block, area), bin), 32)));
      const outputBlock = body.let(i32.multiply(area, 32));
      const outputBytes = body.let(i32.multiply(blocks, outputBlock));
      const entry = body.let(record.table);
      const sums = Array.from({ length: together }, () => doubleLocals(body));
      body.for(0, record.regions, 1, () => {
        sums.forEach((eight) => clearDoubles(body, eight));
        const edges = readBin(body, entry, rows, columns);
        body.if(isFilled(body, edges), () => {
          const map = body.let(i32.add(first, i32.multiply(edges.image, imageBytes)));
          forEachCell(body, edges, map, record.rowBytes, 32, (cell) =>
            sums.forEach((eight, k) => {
              const at = k === 0 ? cell : body.let(i32.add(cell, blockBytes));
              addDoubles(body, eight, loadFloats(at));
            }),
          );
          const { y0, y1, x0, x1 } = edges;
          const cells = i32.multiply(i32.subtract(y1, y0), i32.subtract(x1, x0));
          const divisors = body.let(f64x2.splat(f64.fromI32(cells)));
          sums.flat().forEach((sum) => body.set(sum, f64x2.divide(sum, divisors)));
        });
        sums.forEach((eight, k) =>
          storeFloats(body, k === 0 ? to : body.let(i32.add(to, outputBlock)), eight),
        );
        body.increase(entry, record.regionBytes);
        body.increase(to, outputBytes);
      });
    },
  });
}
