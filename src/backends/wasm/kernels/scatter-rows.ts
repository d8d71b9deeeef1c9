/**
 * Scatter rows: output[r] = Σ data[i] over all i whose index is r, in float64 and in order.
 *
 *   item = (row of the output, part of it)
 */
import { f32, f64, i32 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { FLOAT_BYTES } from '../layout.ts';
import { rowAt } from './take-rows.ts';

const fields = {
  data: 'address',
  indices: 'address',
  indexCount: 'i32',
  output: 'address',
  rows: 'i32',
  /** Elements of a row, parts of it, and elements of a part. */
  length: 'i32',
  parts: 'i32',
  partLength: 'i32',
} as const;

export const scatterRowsKernel: Kernel<typeof fields> = defineKernel({
  name: 'scatter rows',
  fields,
  write(body, { data, indices, indexCount, output, rows, length, parts, partLength, item }) {
    const row = body.let(i32.divide(item, parts));
    const first = body.let(i32.multiply(i32.remainder(item, parts), partLength));
    const end = body.let(i32.add(first, partLength));
    body.set(end, i32.minimum(end, length));
    const rowBytes = body.let(i32.multiply(length, FLOAT_BYTES));
    const sum = body.local('f64');
    body.for(first, end, 1, (column) => {
      const offset = body.let(i32.multiply(column, FLOAT_BYTES));
      const from = body.let(i32.add(data, offset));
      const index = body.let(indices);
      body.set(sum, 0);
      body.for(0, indexCount, 1, () => {
        body.if(i32.equal(rowAt(body, index, rows), row), () =>
          body.set(sum, f64.add(sum, f64.fromF32(f32.load(from)))),
        );
        body.increase(from, rowBytes);
        body.increase(index, FLOAT_BYTES);
      });
      const to = i32.add(output, i32.add(i32.multiply(row, rowBytes), offset));
      body.perform(f32.store(to, f32.fromF64(sum)));
    });
  },
});
