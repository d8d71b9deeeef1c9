/**
 * The gradient of a convolution in its weights: for each tap, products of the head with the data that the tap read, summed
 * over all pixels.
 *
 *   item = tap, block of input channels, block of filters
 *   for each half of the input channels:
 *     for each output row:    sums of the row [4 of C][8 of O] += data[4] · head[8], pixel by pixel
 *                             totals += sums of the row
 *
 * Rows are summed by themselves first: sums of tens of thousands of terms in a row would lose precision.
 *
 * Letters  O filters, C input channels
 */
import { f32, f32x4, i32, type Local, multiplyAdd, v128 } from '../assembler/index.ts';
import { digitsOf } from './digits.ts';
import { defineKernel, type Kernel } from '../kernel.ts';

const fields = {
  /** Framed, in blocks. */
  data: 'address',
  dataImage: 'i32',
  dataBlock: 'i32',
  /** From the pixel of one output row or column to the next one's. */
  dataRow: 'i32',
  dataStep: 'i32',
  /** Byte offsets of taps, i32. */
  taps: 'address',
  tapCount: 'i32',
  head: 'address',
  /** O × C / groups × taps. */
  output: 'address',
  images: 'i32',
  rows: 'i32',
  columns: 'i32',
  inputs: 'i32',
  outputs: 'i32',
  groupInputs: 'i32',
  groupOutputs: 'i32',
} as const;

export const weightGradientKernel: Kernel<typeof fields> = defineKernel({
  name: 'weight gradient',
  fields,
  write(body, record, { relaxed }) {
    const { images, rows, columns, tapCount, inputs, outputs, groupInputs, groupOutputs } = record;
    const { next, rest: outputBlock } = digitsOf(body, record.item);
    const blocksOf = (channels: Local<'i32'>): Local<'i32'> => body.let(i32.divide(i32.add(channels, 7), 8));
    const tap = next(tapCount);
    const inputBlock = next(blocksOf(inputs));
    const outputBlocks = blocksOf(outputs);
    const headBlock = body.let(i32.multiply(i32.multiply(rows, columns), 32));
    const tapOffset = i32.load(i32.add(record.taps, i32.multiply(tap, 4)));
    const data = body.let(
      i32.add(i32.add(record.data, tapOffset), i32.multiply(inputBlock, record.dataBlock)),
    );
    const accumulators = (): (readonly [Local<'v128'>, Local<'v128'>])[] =>
      Array.from({ length: 4 }, () => [body.local('v128'), body.local('v128')]);
    const [totals, sums] = [accumulators(), accumulators()];
    const [low, high, value] = [body.local('v128'), body.local('v128'), body.local('v128')];
    for (const half of [0, 4]) {
      totals.flat().forEach((total) => body.set(total, v128.zero));
      body.for(0, images, 1, (image) => {
        const row = body.let(i32.add(data, i32.multiply(image, record.dataImage)));
        const block = i32.add(i32.multiply(image, outputBlocks), outputBlock);
        const head = body.let(i32.add(record.head, i32.multiply(block, headBlock)));
        body.for(0, rows, 1, () => {
          sums.flat().forEach((sum) => body.set(sum, v128.zero));
          const pixel = body.let(row);
          body.for(0, columns, 1, () => {
            body.set(low, v128.load(head));
            body.set(high, v128.load(head, 16));
            sums.forEach(([lower, upper], k) => {
              body.set(value, v128.loadSplat(pixel, 4 * (half + k)));
              body.set(lower, multiplyAdd(relaxed, value, low, lower));
              body.set(upper, multiplyAdd(relaxed, value, high, upper));
            });
            body.increase(pixel, record.dataStep);
            body.increase(head, 32);
          });
          totals.flat().forEach((total, k) => body.set(total, f32x4.add(total, sums.flat()[k]!)));
          body.increase(row, record.dataRow);
        });
      });
      totals.forEach((pair, k) => {
        const input = body.let(i32.add(i32.multiply(inputBlock, 8), half + k));
        body.if(i32.less(input, inputs), () => {
          for (let channel = 0; channel < 8; channel++) {
            const output = body.let(i32.add(i32.multiply(outputBlock, 8), channel));
            const sameGroup = i32.equal(i32.divide(input, groupInputs), i32.divide(output, groupOutputs));
            const place = i32.add(i32.multiply(output, groupInputs), i32.remainder(input, groupInputs));
            const element = i32.add(i32.multiply(place, tapCount), tap);
            const total = f32x4.lane(pair[channel >> 2]!, channel % 4);
            body.if(i32.and(i32.less(output, outputs), sameGroup), () =>
              body.perform(f32.store(i32.add(record.output, i32.multiply(element, 4)), total)),
            );
          }
        });
      });
    }
  },
});
