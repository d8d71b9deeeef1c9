/**
 * Max pooling of regions, in blocks.
 *
 *   item = (region, block)
 *   for each bin: the largest value of each of eight channels; an empty bin gives 0
 */
import { f32x4, i32, v128 } from '../assembler/index.ts';
import { LOWEST } from '../../../ops/first-maximum.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { forEachCell, isFilled, readBin } from './psroi-pooling.ts';

const fields = {
  input: 'address',
  /** Of `region-bins.ts`, and bytes of a region in it. */
  table: 'address',
  regionBytes: 'i32',
  output: 'address',
  blocks: 'i32',
  binsY: 'i32',
  binsX: 'i32',
  rowBytes: 'i32',
  planeBytes: 'i32',
} as const;

export const roiPoolingKernel: Kernel<typeof fields> = defineKernel({
  name: 'roi pooling',
  fields,
  write(body, record) {
    const { blocks, binsY, binsX, item } = record;
    const block = body.let(i32.remainder(item, blocks));
    const region = i32.divide(item, blocks);
    const entry = body.let(i32.add(record.table, i32.multiply(region, record.regionBytes)));
    const bins = i32.multiply(binsY, binsX);
    const to = body.let(i32.add(record.output, i32.multiply(item, i32.multiply(bins, 32))));
    const halves = [body.local('v128'), body.local('v128')];
    body.for(0, binsY, 1, (i) => {
      const rows = body.let(i32.add(4, i32.multiply(i, 8)));
      body.for(0, binsX, 1, (j) => {
        const columns = body.let(i32.add(4, i32.multiply(i32.add(binsY, j), 8)));
        const bin = readBin(body, entry, rows, columns);
        halves.forEach((half) => body.set(half, v128.zero));
        body.if(isFilled(body, bin), () => {
          halves.forEach((half) => body.set(half, f32x4.splat(LOWEST)));
          const plane = i32.add(i32.multiply(bin.image, blocks), block);
          const map = body.let(i32.add(record.input, i32.multiply(plane, record.planeBytes)));
          forEachCell(body, bin, map, record.rowBytes, 32, (cell) =>
            halves.forEach((half, k) => body.set(half, f32x4.pseudoMaximum(half, v128.load(cell, 16 * k)))),
          );
        });
        halves.forEach((half, k) => body.perform(v128.store(to, half, 16 * k)));
        body.increase(to, 32);
      });
    });
  },
});
