/**
 * Winograd's output transform, y = Aᵀ m A, then bias, residual and activation, for a row of tiles of one output block.
 *
 *   item = image, (phase and) block of output channels, row of tiles
 *   rows[r][x] = Aᵀ applied along each row of products of each tile
 *   output[row][x] = f(Aᵀ applied down rows + bias + residual)
 *
 * A deconvolution has stride² phases, which are written with `stride` pixels between their pixels.
 */
import { type Body, f32x4, i32, type Local, type V128, v128 } from '../assembler/index.ts';
import { digitsOf } from './digits.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { leaky, relu } from './tile.ts';
import { transformOf } from './winograd-transforms.ts';

const fields = {
  products: 'address',
  output: 'address',
  bias: 'address',
  residual: 'address',
  /** For each thread, `size` rows of `span` pixels. */
  scratch: 'address',
  slope: 'f32',
  /** Blocks of output channels. */
  blocks: 'i32',
  rows: 'i32',
  columns: 'i32',
  tilesY: 'i32',
  tilesX: 'i32',
  span: 'i32',
  planeBytes: 'i32',
  blockBytes: 'i32',
} as const;

export interface OutputShape {
  readonly tile: 4 | 2;
  readonly dilation: number;
  /** Phases of the output along an axis. */
  readonly phases: number;
  readonly activation: 'none' | 'relu' | 'leaky';
  readonly hasResidual: boolean;
}

export function winogradOutputKernel(shape: OutputShape): Kernel<typeof fields> {
  const { tile, dilation, phases, activation, hasResidual } = shape;
  const transform = transformOf(tile);
  const { size } = transform;
  return defineKernel({
    name: `winograd output ${tile} ${dilation} ${phases} ${activation} ${hasResidual}`,
    fields,
    write(body, record) {
      const { blocks, rows, columns, tilesY, tilesX, span, planeBytes } = record;
      const { next, rest: image } = digitsOf(body, record.item);
      const tileRow = next(tilesY);
      const grid = next(dilation);
      const block = next(blocks);
      const phase = next(phases * phases);
      const phaseBlock = i32.add(i32.multiply(phase, blocks), block);
      const imageBlock = i32.add(i32.multiply(image, blocks), block);

      const spanBytes = body.let(i32.multiply(span, 32));
      const scratch = body.let(
        i32.add(record.scratch, i32.multiply(record.thread, i32.multiply(spanBytes, size))),
      );
      const source = body.let(i32.add(record.products, i32.multiply(phaseBlock, record.blockBytes)));
      const tileRows = i32.add(i32.multiply(i32.add(i32.multiply(image, dilation), grid), tilesY), tileRow);
      body.increase(source, i32.multiply(tileRows, i32.multiply(tilesX, 32 * dilation)));
      body.for(0, dilation, 1, (gridX) => {
        body.for(0, tilesX, 1, (tileX) => {
          const first = i32.add(gridX, i32.multiply(tileX, tile * dilation));
          const to = body.let(i32.add(scratch, i32.multiply(first, 32)));
          const from = body.let(source);
          body.for(0, size, 1, () => {
            for (const half of [0, 16]) {
              const at = body.let(from);
              const m = Array.from({ length: size }, () => {
                const value = body.let(v128.load(at, half));
                body.increase(at, planeBytes);
                return value;
              });
              transform.output(body, m).forEach((value: V128, k: number) => {
                body.perform(v128.store(to, value, 32 * dilation * k + half));
              });
            }
            body.increase(from, i32.multiply(planeBytes, size));
            body.increase(to, spanBytes);
          });
          body.increase(source, 32);
        });
      });

      const y = body.let(i32.multiply(i32.add(grid, i32.multiply(tileRow, tile * dilation)), phases));
      body.increase(y, i32.divide(phase, phases));
      const left = body.let(i32.remainder(phase, phases));
      const rowBytes = body.let(i32.multiply(columns, 32));
      const place = i32.multiply(i32.add(i32.multiply(imageBlock, rows), y), rowBytes);
      const target = body.let(i32.add(record.output, i32.add(place, i32.multiply(left, 32))));
      const shift = body.let(i32.subtract(record.residual, record.output));
      const bias = i32.add(record.bias, i32.multiply(block, 32));
      const biases = [body.let(v128.load(bias)), body.let(v128.load(bias, 16))];
      const slopes = body.let(f32x4.splat(record.slope));
      const write = writer(body, shift, slopes);
      const present = Array.from({ length: tile }, (_, k) =>
        body.let(i32.less(i32.add(y, k * dilation * phases), rows)),
      );
      const nextRow = body.let(i32.multiply(rowBytes, dilation * phases));
      const column = body.let(scratch);
      body.for(left, columns, phases, () => {
        for (const half of [0, 1]) {
          const from = body.let(column);
          const m = Array.from({ length: size }, () => {
            const value = body.let(v128.load(from, 16 * half));
            body.increase(from, spanBytes);
            return value;
          });
          const at = body.let(target);
          transform.output(body, m).forEach((value: V128, k: number) => {
            body.if(present[k]!, () => write(at, f32x4.add(value, biases[half]!), 16 * half));
            if (k < tile - 1) body.increase(at, nextRow);
          });
        }
        body.increase(column, 32);
        body.increase(target, 32 * phases);
      });
    },
  });

  /** Adds the residual, activates and stores. */
  function writer(
    body: Body,
    shift: Local<'i32'>,
    slopes: Local<'v128'>,
  ): (at: Local<'i32'>, value: V128, offset: number) => void {
    return (at, value, offset) => {
      const sum = hasResidual ? f32x4.add(value, v128.load(i32.add(at, shift), offset)) : value;
      const result = body.let(sum);
      if (activation === 'relu') body.set(result, relu(result));
      if (activation === 'leaky') body.set(result, leaky(result, slopes));
      body.perform(v128.store(at, result, offset));
    };
  }
}
