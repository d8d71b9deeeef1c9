/**
 * Products: a part of a convolution, cut into items that fit the caches.
 *
 *   item = image, rows and columns of output pixels, group of output blocks
 *   for each 32 entries of the table:            input of 96 pixels and 256 channels stays in the second cache
 *     for each block of the group:               weights of 8 × 256 stay in the first
 *       for each row: tile(...)
 *
 * Convolutions, phases of deconvolutions and Winograd's products are this kernel with other tables and strides.
 */
import { i32, type Local } from '../assembler/index.ts';
import type { Body } from '../assembler/index.ts';
import { digitsOf } from './digits.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { tileFunction, type TileShape } from './tile.ts';

export interface ProductsShape extends TileShape {
  /** Pixels that remain at the end of a row of runs: columns modulo `pixels`. */
  readonly tail: number;
}

/** Entries of the table that are taken at a time. */
const PASS = 32;

const fields = {
  input: 'address',
  /** Bytes from one image to the next; 0 where all share. */
  inputImage: 'i32',
  /** Bytes from the input of one output row to that of the next. */
  inputRow: 'i32',
  table: 'address',
  entries: 'i32',
  weights: 'address',
  weightsImage: 'i32',
  output: 'address',
  outputImage: 'i32',
  outputBlock: 'i32',
  outputRow: 'i32',
  /** Values of each output block that sums start from. */
  bias: 'address',
  /** Bytes from one block's bias to the next one's; 0 where all share. */
  biasBlock: 'i32',
  /** Of the output's layout; null for none. */
  residual: 'address',
  activation: 'i32',
  slope: 'f32',
  rows: 'i32',
  columns: 'i32',
  blocks: 'i32',
  chunkRows: 'i32',
  chunkColumns: 'i32',
  /** Chunks in a row, and rows of chunks. */
  chunksX: 'i32',
  chunksY: 'i32',
  groupBlocks: 'i32',
  groups: 'i32',
} as const;

export function productsKernel(shape: ProductsShape): Kernel<typeof fields> {
  const { pixels, tail, depth, inputStep, outputStep, unrolled } = shape;
  return defineKernel({
    name: `products ${pixels} ${tail} ${depth} ${inputStep} ${outputStep} ${unrolled}`,
    fields,
    write(body, record, module) {
      const main = tileFunction(module, shape);
      const rest = tail > 0 ? tileFunction(module, { ...shape, pixels: tail }) : undefined;
      const { image, y, x, group } = decode(body, record);
      const endY = body.let(i32.add(y, record.chunkRows));
      body.set(endY, i32.minimum(endY, record.rows));
      const width = body.let(i32.subtract(record.columns, x));
      body.set(width, i32.minimum(width, record.chunkColumns));
      const runs = body.let(i32.divide(width, pixels));
      const odd = body.let(i32.remainder(width, pixels));
      const input = body.let(i32.add(record.input, i32.multiply(image, record.inputImage)));
      body.increase(input, i32.add(i32.multiply(y, record.inputRow), i32.multiply(x, inputStep)));
      const output = body.let(i32.add(record.output, i32.multiply(image, record.outputImage)));
      body.increase(output, i32.add(i32.multiply(y, record.outputRow), i32.multiply(x, outputStep)));
      const weights = body.let(i32.add(record.weights, i32.multiply(image, record.weightsImage)));
      const firstBlock = body.let(i32.multiply(group, record.groupBlocks));
      const endBlock = body.let(i32.add(firstBlock, record.groupBlocks));
      body.set(endBlock, i32.minimum(endBlock, record.blocks));
      const shift = body.let(
        i32.select(i32.subtract(record.residual, record.output), 0, i32.notEqual(record.residual, 0)),
      );
      body.for(0, record.entries, PASS, (entry) => {
        const endEntry = body.let(i32.add(entry, PASS));
        body.set(endEntry, i32.minimum(endEntry, record.entries));
        const table = body.let(i32.add(record.table, i32.multiply(entry, 4)));
        const tableEnd = body.let(i32.add(record.table, i32.multiply(endEntry, 4)));
        const [isFirst, isLast] = [i32.isZero(entry), i32.equal(endEntry, record.entries)];
        body.for(firstBlock, endBlock, 1, (block) => {
          const bias = i32.add(record.bias, i32.multiply(block, record.biasBlock));
          const panel = i32.add(i32.multiply(block, record.entries), entry);
          const common = {
            table,
            tableEnd,
            weights: body.let(i32.add(weights, i32.multiply(panel, 32 * depth))),
            start: body.let(i32.select(bias, 0, isFirst)),
            residual: body.let(i32.select(shift, 0, isFirst)),
            activation: body.let(i32.select(record.activation, 0, isLast)),
            slope: record.slope,
          };
          const from = body.let(input);
          const to = body.let(i32.add(output, i32.multiply(block, record.outputBlock)));
          body.for(y, endY, 1, () => {
            body.if(runs, () => body.perform(main.call({ ...common, input: from, output: to, runs })));
            if (rest) {
              const done = i32.multiply(runs, pixels);
              const restInput = i32.add(from, i32.multiply(done, inputStep));
              const restOutput = i32.add(to, i32.multiply(done, outputStep));
              body.if(odd, () =>
                body.perform(rest.call({ ...common, input: restInput, output: restOutput, runs: 1 })),
              );
            }
            body.increase(from, record.inputRow);
            body.increase(to, record.outputRow);
          });
        });
      });
    },
  });
}

/** The image, first row, first column and group of an item. Groups of one chunk follow each other. */
function decode(
  body: Body,
  record: {
    readonly [K in 'item' | 'groups' | 'chunksX' | 'chunksY' | 'chunkRows' | 'chunkColumns']: Local<'i32'>;
  },
): { readonly [K in 'image' | 'y' | 'x' | 'group']: Local<'i32'> } {
  const { next, rest: image } = digitsOf(body, record.item);
  const group = next(record.groups);
  const x = next(record.chunksX);
  const y = next(record.chunksY);
  body.set(x, i32.multiply(x, record.chunkColumns));
  body.set(y, i32.multiply(y, record.chunkRows));
  return { image, y, x, group };
}
