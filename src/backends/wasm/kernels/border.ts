/**
 * Border: planes copied into larger planes of zeros, so that taps beyond the edge read zeros.
 *
 *   item = plane (an image's channel, or block of channels)
 *
 * Rows of the frame beyond the input (bottom, right) may be fewer than 0: what no window reads is cut off.
 */
import { i32, memory } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';

const fields = {
  input: 'address',
  output: 'address',
  /** Rows and bytes a row of the input. */
  rows: 'i32',
  rowBytes: 'i32',
  /** Rows and bytes a row of the output. */
  frameRows: 'i32',
  frameRowBytes: 'i32',
  /** Where the input begins in it. */
  top: 'i32',
  leftBytes: 'i32',
} as const;

export const borderKernel: Kernel<typeof fields> = defineKernel({
  name: 'border',
  fields,
  write(body, record) {
    const { rows, rowBytes, frameRows, frameRowBytes, top, leftBytes, item } = record;
    const from = body.let(i32.add(record.input, i32.multiply(item, i32.multiply(rows, rowBytes))));
    const to = body.let(i32.add(record.output, i32.multiply(item, i32.multiply(frameRows, frameRowBytes))));
    const room = body.let(i32.subtract(frameRowBytes, leftBytes));
    const copied = body.let(i32.minimum(rowBytes, room));
    const end = body.let(i32.add(top, rows));
    body.for(0, frameRows, 1, (row) => {
      const isInside = i32.and(i32.greaterEqual(row, top), i32.less(row, end));
      body.if(
        isInside,
        () => {
          body.perform(memory.fillZero(to, leftBytes));
          body.perform(memory.copy(i32.add(to, leftBytes), from, copied));
          body.perform(memory.fillZero(i32.add(i32.add(to, leftBytes), copied), i32.subtract(room, copied)));
          body.increase(from, rowBytes);
        },
        () => body.perform(memory.fillZero(to, frameRowBytes)),
      );
      body.increase(to, frameRowBytes);
    });
  },
});
