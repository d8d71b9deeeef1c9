/**
 * Winograd's input transform, V = Bᵀ d B, for all tiles of a row of tiles of one block of channels.
 *
 *   item = image, phase and block of channels, row of tiles
 *   rows[r][x] = Bᵀ applied down each column of the image (zeros beyond its edges)
 *   V[r, c][tile] = Bᵀ applied along rows[r], for each tile
 *
 * A dilated convolution is `dilation`² ordinary ones on pixels that are `dilation` apart: their tiles follow each other,
 * nothing moves. A convolution with stride 2 is an ordinary one whose channels are the four phases of the image.
 *
 * V is [plane][phase and block][tile][8]; planes are (r, c). Two passes share the work of tiles that overlap vertically.
 */
import { type Body, i32, type Local, memory, v128, type V128 } from '../assembler/index.ts';
import { digitsOf } from './digits.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { transformOf } from './winograd-transforms.ts';

const fields = {
  input: 'address',
  output: 'address',
  /** One row of zeros, as long as the image's. */
  zeros: 'address',
  /** For each thread, `size` rows of `span` pixels. */
  scratch: 'address',
  blocks: 'i32',
  rows: 'i32',
  columns: 'i32',
  padY: 'i32',
  padX: 'i32',
  /** Stride of the convolution: phases along an axis. */
  phases: 'i32',
  /** Dilation. */
  dilation: 'i32',
  tilesY: 'i32',
  tilesX: 'i32',
  /** Pixels of a scratch row. */
  span: 'i32',
  /** Bytes of a plane of V, and of its blocks. */
  planeBytes: 'i32',
  blockBytes: 'i32',
} as const;

export function winogradInputKernel(tile: 4 | 2, dilation: number): Kernel<typeof fields> {
  const transform = transformOf(tile);
  const { size } = transform;
  return defineKernel({
    name: `winograd input ${tile} ${dilation}`,
    fields,
    write(body, record) {
      const { blocks, rows, columns, phases, tilesY, tilesX, span, planeBytes } = record;
      const { next, rest: image } = digitsOf(body, record.item);
      const tileRow = next(tilesY);
      const grid = next(record.dilation);
      const block = next(blocks);
      const phaseX = next(phases);
      const phaseY = next(phases);

      const imageBlock = i32.add(i32.multiply(image, blocks), block);
      const rowBytes = body.let(i32.multiply(columns, 32));
      const plane = body.let(i32.add(record.input, i32.multiply(imageBlock, i32.multiply(rows, rowBytes))));
      const step = body.let(i32.multiply(record.dilation, phases));
      const y = body.let(i32.subtract(i32.add(grid, phaseY), record.padY));
      body.increase(y, i32.multiply(step, i32.multiply(tileRow, tile)));
      const sources = Array.from({ length: size }, () => {
        const inside = i32.and(i32.greaterEqual(y, 0), i32.less(y, rows));
        const row = i32.add(plane, i32.multiply(y, rowBytes));
        const source = body.let(i32.select(row, record.zeros, inside));
        body.increase(y, step);
        return source;
      });

      const spanBytes = body.let(i32.multiply(span, 32));
      const scratch = body.let(
        i32.add(record.scratch, i32.multiply(record.thread, i32.multiply(spanBytes, size))),
      );
      const left = body.let(i32.subtract(phaseX, record.padX));
      transformColumns(body, { sources, scratch, spanBytes, left, columns, phases, span });

      const phase = i32.add(i32.multiply(phaseY, phases), phaseX);
      const target = body.let(
        i32.add(record.output, i32.multiply(i32.add(i32.multiply(phase, blocks), block), record.blockBytes)),
      );
      const tileRows = i32.add(
        i32.multiply(i32.add(i32.multiply(image, record.dilation), grid), tilesY),
        tileRow,
      );
      body.increase(target, i32.multiply(tileRows, i32.multiply(record.dilation, i32.multiply(tilesX, 32))));
      body.for(0, dilation, 1, (gridX) => {
        body.for(0, tilesX, 1, (tileX) => {
          const first = i32.add(gridX, i32.multiply(tileX, tile * dilation));
          const from = body.let(i32.add(scratch, i32.multiply(first, 32)));
          const to = body.let(target);
          body.for(0, size, 1, () => {
            for (const half of [0, 16]) {
              const d = Array.from({ length: size }, (_, k) =>
                body.let(v128.load(from, 32 * dilation * k + half)),
              );
              const at = body.let(to);
              for (const value of transform.input(body, d)) {
                body.perform(v128.store(at, value, half));
                body.increase(at, planeBytes);
              }
            }
            body.increase(from, spanBytes);
            body.increase(to, i32.multiply(planeBytes, size));
          });
          body.increase(target, 32);
        });
      });
    },
  });

  /** scratch[r][k] from column left + k · phases of the sources; zeros where that is beyond the image. */
  function transformColumns(
    body: Body,
    at: {
      readonly sources: readonly Local<'i32'>[];
      readonly scratch: Local<'i32'>;
      readonly spanBytes: Local<'i32'>;
      readonly left: Local<'i32'>;
      readonly columns: Local<'i32'>;
      readonly phases: Local<'i32'>;
      readonly span: Local<'i32'>;
    },
  ): void {
    const { sources, scratch, spanBytes, left, columns, phases, span } = at;
    // The first column inside, and the first behind it, rounded up to whole steps.
    const stepsTo = (distance: Local<'i32'>): Local<'i32'> => {
      const steps = body.let(i32.divide(i32.add(distance, i32.subtract(phases, 1)), phases));
      body.set(steps, i32.maximum(steps, 0));
      body.set(steps, i32.minimum(steps, span));
      return steps;
    };
    const first = stepsTo(body.let(i32.subtract(0, left)));
    const end = stepsTo(body.let(i32.subtract(columns, left)));
    const row = body.let(scratch);
    const behind = body.let(i32.multiply(i32.subtract(span, end), 32));
    for (let r = 0; r < size; r++) {
      body.perform(memory.fillZero(row, i32.multiply(first, 32)));
      body.perform(memory.fillZero(i32.add(row, i32.multiply(end, 32)), behind));
      body.increase(row, spanBytes);
    }
    const offset = body.let(i32.multiply(i32.add(left, i32.multiply(first, phases)), 32));
    const to = body.let(i32.add(scratch, i32.multiply(first, 32)));
    const step = body.let(i32.multiply(phases, 32));
    body.for(first, end, 1, () => {
      for (const half of [0, 16]) {
        const d = sources.map((source) => body.let(v128.load(i32.add(source, offset), half)));
        const target = body.let(to);
        transform.input(body, d).forEach((value: V128) => {
          body.perform(v128.store(target, value, half));
          body.increase(target, spanBytes);
        });
      }
      body.increase(offset, step);
      body.increase(to, 32);
    });
  }
}
