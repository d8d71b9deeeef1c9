/**
 * Take rows: output[i] = data[rows[i]], whole rows. An index loses its fraction and is limited to the rows there are; NaN
 * is row 0.
 *
 *   item = (row of the output, part of it)
 */
import { type Body, type Expression, f32, type I32, i32, type Local, memory } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';

const fields = {
  data: 'address',
  indices: 'address',
  output: 'address',
  rows: 'i32',
  rowBytes: 'i32',
  /** Parts of a row, and bytes of each but the last. */
  parts: 'i32',
  partBytes: 'i32',
} as const;

/** The row that the index at an address means. */
export function rowAt(body: Body, address: I32, rows: Local<'i32'>): Expression<'i32'> {
  const row = body.let(i32.fromF32(f32.load(address)));
  body.if(i32.less(row, 0), () => body.set(row, 0));
  return i32.select(row, i32.subtract(rows, 1), i32.less(row, rows));
}

export const takeRowsKernel: Kernel<typeof fields> = defineKernel({
  name: 'take rows',
  fields,
  write(body, { data, indices, output, rows, rowBytes, parts, partBytes, item }) {
    const index = body.let(i32.divide(item, parts));
    const begin = body.let(i32.multiply(i32.remainder(item, parts), partBytes));
    const row = rowAt(body, i32.add(indices, i32.multiply(index, 4)), rows);
    const from = body.let(i32.add(data, i32.add(i32.multiply(row, rowBytes), begin)));
    const to = i32.add(output, i32.add(i32.multiply(index, rowBytes), begin));
    const rest = body.let(i32.subtract(rowBytes, begin));
    body.perform(memory.copy(to, from, i32.minimum(rest, partBytes)));
  },
});
