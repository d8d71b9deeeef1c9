/**
 * Scatter rows: output[r] = Σ data[i] over all i whose index is r, in float64 and in order.
 *
 *   item = (row of the output, part of it)
 */
import { f32, f32x4, f64x2, type I32, i32, type V128, v128 } from '../assembler/index.ts';
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
    const column = body.let(first);
    const [low, high] = [body.local('v128'), body.local('v128')];
    /** Sums of the four columns from here on, or of one, four times. */
    const sums = (load: (address: I32) => V128): V128 => {
      const from = body.let(i32.add(data, i32.multiply(column, FLOAT_BYTES)));
      const index = body.let(indices);
      body.set(low, v128.zero);
      body.set(high, v128.zero);
      body.for(0, indexCount, 1, () => {
        body.if(i32.equal(rowAt(body, index, rows), row), () => {
          const four = body.let(load(from));
          const upper = v128.shuffle(four, four, [2, 3, 2, 3]);
          body.set(low, f64x2.add(low, f64x2.fromLowF32(four)));
          body.set(high, f64x2.add(high, f64x2.fromLowF32(upper)));
        });
        body.increase(from, rowBytes);
        body.increase(index, FLOAT_BYTES);
      });
      return v128.shuffle(f64x2.toF32(low), f64x2.toF32(high), [0, 1, 4, 5]);
    };
    const to = body.let(
      i32.add(output, i32.add(i32.multiply(row, rowBytes), i32.multiply(first, FLOAT_BYTES))),
    );
    const last = body.let(i32.subtract(end, 3));
    body.while(i32.less(column, last), () => {
      body.perform(v128.store(to, sums(v128.load)));
      body.increase(to, 16);
      body.increase(column, 4);
    });
    body.while(i32.less(column, end), () => {
      body.perform(f32.store(to, f32x4.lane(sums(v128.loadSplat), 0)));
      body.increase(to, FLOAT_BYTES);
      body.increase(column, 1);
    });
  },
});
