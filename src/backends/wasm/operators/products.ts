/** How products are cut: tiles that fit the width of the map, chunks that fit the caches, items enough for all threads. */
import { activationCode } from '../kernels/tile.ts';
import { productsKernel } from '../kernels/products.ts';
import type { Address } from '../kernel.ts';
import type { NodeLowering } from '../lowering.ts';
import type { Tuning } from '../tuning.ts';

/** What is multiplied; see the fields of `kernels/products.ts`. Lengths are in bytes. */
export interface Products {
  readonly images: number;
  readonly rows: number;
  readonly columns: number;
  /** Output blocks of eight channels. */
  readonly blocks: number;
  /** Floats side by side that a table entry stands for. */
  readonly depth: number;
  readonly table: Address;
  readonly entries: number;
  readonly input: Address;
  readonly inputImage: number;
  readonly inputRow: number;
  readonly inputStep: number;
  readonly weights: Address;
  readonly weightsImage?: number;
  readonly output: Address;
  readonly outputImage: number;
  readonly outputBlock: number;
  readonly outputRow: number;
  readonly outputStep: number;
  readonly bias: Address;
  /** Whether the bias is one for all blocks. */
  readonly sharedBias?: boolean;
  readonly residual?: Address;
  readonly slope?: number;
}

/** Pixels of output whose input of 256 channels stays in the second-level cache. */
const CHUNK = 96;
/** Items for each thread, so that the slowest waits for little. */
const ITEMS_PER_THREAD = 32;

/** Relative speed of a tile by its pixels, measured: few pixels wait for each other's sums and share weights among few. */
const speeds = [0, 0.24, 0.47, 0.7, 0.9, 0.95, 1];

export function lowerProducts(lowering: NodeLowering, products: Products): void {
  const { tile, threads } = lowering.tuning;
  const { images, rows, columns, blocks, depth, inputStep, outputStep, slope = 1 } = products;
  const { pixels, tail } = fitTile(columns, tile);
  const chunks = fitChunks(rows, columns, pixels);
  const pieces = images * chunks.chunksX * chunks.chunksY;
  const wanted = threads === 1 ? 1 : Math.ceil((ITEMS_PER_THREAD * threads) / pieces);
  const groupBlocks = Math.ceil(blocks / Math.min(blocks, wanted));
  const groups = Math.ceil(blocks / groupBlocks);
  const shape = { pixels, tail, depth, inputStep, outputStep, unrolled: tile.unrolled };
  lowering.step(productsKernel(shape), pieces * groups, {
    input: products.input,
    inputImage: products.inputImage,
    inputRow: products.inputRow,
    table: products.table,
    entries: products.entries,
    weights: products.weights,
    weightsImage: products.weightsImage ?? 0,
    output: products.output,
    outputImage: products.outputImage,
    outputBlock: products.outputBlock,
    outputRow: products.outputRow,
    bias: products.bias,
    biasBlock: products.sharedBias ? 0 : 32,
    residual: products.residual ?? null,
    activation: activationCode(slope),
    slope,
    rows,
    columns,
    blocks,
    ...chunks,
    groupBlocks,
    groups,
  });
}

/** Pixels of a tile and what remains of a row, chosen so that the row takes least time. */
function fitTile(columns: number, { pixels: most }: Tuning['tile']): { pixels: number; tail: number } {
  const time = (pixels: number): number =>
    pixels === 0 ? 0 : pixels / (speeds[Math.min(6, pixels + 6 - most)]! || speeds[pixels]!);
  let best = { pixels: 1, tail: 0, time: Infinity };
  for (let pixels = Math.min(most, columns); pixels > 0; pixels--) {
    const tail = columns % pixels;
    const total = Math.floor(columns / pixels) * time(pixels) + time(tail);
    if (total < best.time - 1e-9) best = { pixels, tail, time: total };
  }
  return best;
}

/** Chunks of about equal size: whole rows where they are short, pieces of a row where they are long. */
function fitChunks(
  rows: number,
  columns: number,
  pixels: number,
): { chunkRows: number; chunkColumns: number; chunksX: number; chunksY: number } {
  const across = Math.max(1, Math.round(columns / CHUNK));
  const chunkColumns = across === 1 ? columns : Math.ceil(columns / across / pixels) * pixels;
  const down = Math.ceil(rows / Math.max(1, Math.floor(CHUNK / chunkColumns)));
  const chunkRows = Math.ceil(rows / down);
  return {
    chunkRows,
    chunkColumns,
    chunksX: Math.ceil(columns / chunkColumns),
    chunksY: Math.ceil(rows / chunkRows),
  };
}
