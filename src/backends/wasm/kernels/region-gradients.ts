/**
 * Gradients of region pooling. An item owns what it writes and adds up all regions in their order, in float64.
 *
 *   position-sensitive  item = (image, block of eight output channels, group):  cells of the group's bins += head / cells
 *   largest value       item = (image, block of eight channels):  the winning cell of each bin and channel += head
 */
import { f32, f64, f64x2, i32, i32x4, memory, v128 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { loadFloats, storeTotals } from './doubles.ts';
import { forEachCell, isFilled, readBin } from './psroi-pooling.ts';
import { writeWinners } from './winners.ts';

const psroiFields = {
  /** R × D/8 × P × P × 8. */
  head: 'address',
  /** Of `region-bins.ts`, and bytes of a region in it. */
  table: 'address',
  regionBytes: 'i32',
  /** [N][D/8][G · G][S][8]. */
  output: 'address',
  /** For each thread a map of float64. */
  totals: 'address',
  regions: 'i32',
  blocks: 'i32',
  bins: 'i32',
  groups: 'i32',
  width: 'i32',
  pixels: 'i32',
} as const;

export const psroiGradientKernel: Kernel<typeof psroiFields> = defineKernel({
  name: 'psroi gradient',
  fields: psroiFields,
  write(body, record) {
    const { blocks, bins, groups, pixels, item, thread } = record;
    const mapBytes = body.let(i32.multiply(pixels, 64));
    const totals = body.let(i32.add(record.totals, i32.multiply(thread, mapBytes)));
    body.perform(memory.fillZero(totals, mapBytes));
    const squared = body.let(i32.multiply(groups, groups));
    const group = body.let(i32.remainder(item, squared));
    const plane = body.let(i32.divide(item, squared));
    const block = body.let(i32.remainder(plane, blocks));
    const image = body.let(i32.divide(plane, blocks));
    const groupY = body.let(i32.divide(group, groups));
    const groupX = body.let(i32.remainder(group, groups));
    const area = body.let(i32.multiply(bins, bins));
    const entry = body.let(record.table);
    const rowBytes = body.let(i32.multiply(record.width, 64));
    const head = body.let(i32.add(record.head, i32.multiply(block, i32.multiply(area, 32))));
    body.for(0, record.regions, 1, () => {
      body.if(i32.equal(i32.load(entry), image), () =>
        body.for(0, bins, 1, (i) => {
          body.if(i32.equal(i32.divide(i32.multiply(i, groups), bins), groupY), () =>
            body.for(0, bins, 1, (j) => {
              body.if(i32.equal(i32.divide(i32.multiply(j, groups), bins), groupX), () => {
                const rows = body.let(i32.add(4, i32.multiply(i, 8)));
                const columns = body.let(i32.add(4, i32.multiply(i32.add(bins, j), 8)));
                const bin = readBin(body, entry, rows, columns);
                body.if(isFilled(body, bin), () => {
                  const at = i32.add(head, i32.multiply(i32.add(i32.multiply(i, bins), j), 32));
                  const { y0, y1, x0, x1 } = bin;
                  const cells = i32.multiply(i32.subtract(y1, y0), i32.subtract(x1, x0));
                  const divisors = body.let(f64x2.splat(f64.fromI32(cells)));
                  const shares = loadFloats(body.let(at)).map((value) =>
                    body.let(f64x2.divide(value, divisors)),
                  );
                  forEachCell(body, bin, totals, rowBytes, 64, (cell) =>
                    shares.forEach((share, k) =>
                      body.perform(v128.store(cell, f64x2.add(v128.load(cell, 16 * k), share), 16 * k)),
                    ),
                  );
                });
              });
            }),
          );
        }),
      );
      body.increase(entry, record.regionBytes);
      body.increase(head, i32.multiply(i32.multiply(blocks, area), 32));
    });
    const to = body.let(i32.add(record.output, i32.multiply(item, i32.multiply(pixels, 32))));
    storeTotals(body, totals, to, pixels);
  },
});

const roiFields = {
  data: 'address',
  /** R × C/8 × P × Q × 8. */
  head: 'address',
  table: 'address',
  regionBytes: 'i32',
  output: 'address',
  /** For each thread a plane of float64. */
  totals: 'address',
  regions: 'i32',
  blocks: 'i32',
  binsY: 'i32',
  binsX: 'i32',
  rowBytes: 'i32',
  pixels: 'i32',
} as const;

export const roiGradientKernel: Kernel<typeof roiFields> = defineKernel({
  name: 'roi gradient',
  fields: roiFields,
  write(body, record) {
    const { blocks, binsY, binsX, pixels, item, thread } = record;
    const totalBytes = body.let(i32.multiply(pixels, 64));
    const totals = body.let(i32.add(record.totals, i32.multiply(thread, totalBytes)));
    body.perform(memory.fillZero(totals, totalBytes));
    const block = i32.remainder(item, blocks);
    const image = body.let(i32.divide(item, blocks));
    const placeBytes = i32.multiply(item, i32.multiply(pixels, 32));
    const map = body.let(i32.add(record.data, placeBytes));
    const to = body.let(i32.add(record.output, placeBytes));
    const binBytes = body.let(i32.multiply(i32.multiply(binsY, binsX), 32));
    const regionHead = body.let(i32.add(record.head, i32.multiply(block, binBytes)));
    const entry = body.let(record.table);
    const winners = writeWinners(body);
    const [head, winner] = [body.local('i32'), body.local('i32')];
    body.for(0, record.regions, 1, () => {
      body.if(i32.equal(i32.load(entry), image), () => {
        body.set(head, regionHead);
        body.for(0, binsY, 1, (i) => {
          const rows = body.let(i32.add(4, i32.multiply(i, 8)));
          body.for(0, binsX, 1, (j) => {
            const columns = body.let(i32.add(4, i32.multiply(i32.add(binsY, j), 8)));
            const bin = readBin(body, entry, rows, columns);
            body.if(isFilled(body, bin), () => {
              winners.begin();
              forEachCell(body, bin, map, record.rowBytes, 32, (cell) => winners.meet(cell));
              for (let channel = 0; channel < 8; channel++) {
                body.set(winner, i32x4.lane(winners.places[channel >> 2]!, channel % 4));
                body.if(winner, () => {
                  const sum = body.let(i32.add(totals, i32.multiply(i32.subtract(winner, map), 2)));
                  const added = f64.add(f64.load(sum, 8 * channel), f64.fromF32(f32.load(head, 4 * channel)));
                  body.perform(f64.store(sum, added, 8 * channel));
                });
              }
            });
            body.increase(head, 32);
          });
        });
      });
      body.increase(entry, record.regionBytes);
      body.increase(regionHead, i32.multiply(blocks, binBytes));
    });
    storeTotals(body, totals, to, pixels);
  },
});
