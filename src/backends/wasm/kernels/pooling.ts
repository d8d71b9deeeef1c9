/**
 * Pooling: the largest value or the mean of windows, in blocks.
 *
 *   item = some output rows; row = (image, block, p)
 *   for each column q: for each pixel of the window that is inside the image: largest or sum, both vectors at once
 *
 * Windows come from tables, cut to the image: for each p and q where the first pixel is, how many there are, and what the
 * mean is divided by along this axis. Sums are float64, as on the reference.
 */
import {
  type Body,
  type Expression,
  f32x4,
  f64,
  f64x2,
  i32,
  type I32,
  type Local,
  v128,
} from '../assembler/index.ts';
import { LOWEST } from '../../../ops/first-maximum.ts';
import { defineKernel, type Kernel, type KernelLocals } from '../kernel.ts';
import { addDoubles, clearDoubles, doubleLocals, loadFloats, storeFloats } from './doubles.ts';

export type PoolingType = 'max' | 'average';

export type PoolingFields = Readonly<
  Record<'input' | 'output' | 'rows' | 'columns', 'address'> &
    Record<'rowCount' | 'columnCount' | 'inputRow' | 'inputPlane' | 'allRows' | 'chunkRows', 'i32'>
>;

export const poolingFields: PoolingFields = {
  input: 'address',
  output: 'address',
  /** Three i32 for each output row or column of a plane: bytes to the first pixel, pixels, divisor. */
  rows: 'address',
  columns: 'address',
  rowCount: 'i32',
  columnCount: 'i32',
  inputRow: 'i32',
  inputPlane: 'i32',
  /** Output rows of all planes, and of an item. */
  allRows: 'i32',
  chunkRows: 'i32',
};

/** Bytes of an entry of the tables. */
export const EXTENT_BYTES = 12;

/** One axis of a window, as a kernel reads it from its table. */
export interface Extent {
  readonly first: Local<'i32'>;
  readonly count: Local<'i32'>;
  readonly divisor: Local<'i32'>;
}

export function readExtent(body: Body, table: I32, index: I32): Extent {
  const entry = body.let(i32.add(table, i32.multiply(index, EXTENT_BYTES)));
  return {
    first: body.let(i32.load(entry)),
    count: body.let(i32.load(entry, 4)),
    divisor: body.let(i32.load(entry, 8)),
  };
}

/** Visits the output rows of an item: where the first input row of the window is, and its extent. */
export function forEachRow(
  body: Body,
  record: KernelLocals<PoolingFields>,
  visit: (row: Local<'i32'>, from: Local<'i32'>, extent: Extent) => void,
): void {
  const first = body.let(i32.multiply(record.item, record.chunkRows));
  const end = body.let(i32.add(first, record.chunkRows));
  body.set(end, i32.minimum(end, record.allRows));
  body.for(first, end, 1, (row) => {
    const extent = readExtent(body, record.rows, i32.remainder(row, record.rowCount));
    const plane = i32.multiply(i32.divide(row, record.rowCount), record.inputPlane);
    visit(row, body.let(i32.add(i32.add(record.input, plane), extent.first)), extent);
  });
}

/** @param width columns of a window that is not cut: their taps are written out */
export function poolingKernel(type: PoolingType, width: number): Kernel<PoolingFields> {
  const taps = width <= 8 ? width : 0;
  return defineKernel({
    name: `pooling ${type} ${taps}`,
    fields: poolingFields,
    write(body, record) {
      const { columnCount, columns, inputRow } = record;
      const pool = type === 'max' ? largest(body) : mean(body);
      const [line, pixel, lines] = [body.local('i32'), body.local('i32'), body.local('i32')];
      forEachRow(body, record, (row, from, vertical) => {
        const to = body.let(i32.add(record.output, i32.multiply(row, i32.multiply(columnCount, 32))));
        body.for(0, columnCount, 1, (q) => {
          const horizontal = readExtent(body, columns, q);
          pool.begin();
          body.set(line, i32.add(from, horizontal.first));
          body.set(lines, vertical.count);
          body.while(i32.greater(lines, 0), () => {
            body.if(
              i32.equal(horizontal.count, taps),
              () => Array.from({ length: taps }, (_, j) => pool.add(line, 32 * j)),
              () => {
                body.set(pixel, line);
                body.for(0, horizontal.count, 1, () => {
                  pool.add(pixel, 0);
                  body.increase(pixel, 32);
                });
              },
            );
            body.increase(line, inputRow);
            body.increase(lines, -1);
          });
          pool.finish(to, i32.multiply(vertical.divisor, horizontal.divisor));
          body.increase(to, 32);
        });
      });
    },
  });
}

/** What is done at the beginning of a window, with each of its pixels, and at the end. */
interface Pool {
  begin(): void;
  add(pixel: Local<'i32'>, bytes: number): void;
  finish(to: Local<'i32'>, divisor: Expression<'i32'>): void;
}

function largest(body: Body): Pool {
  const halves = [body.local('v128'), body.local('v128')];
  return {
    begin: () => halves.forEach((half) => body.set(half, f32x4.splat(LOWEST))),
    add: (pixel, bytes) =>
      halves.forEach((half, k) =>
        body.set(half, f32x4.pseudoMaximum(half, v128.load(pixel, bytes + 16 * k))),
      ),
    finish: (to) => halves.forEach((half, k) => body.perform(v128.store(to, half, 16 * k))),
  };
}

function mean(body: Body): Pool {
  const sums = doubleLocals(body);
  return {
    begin: () => clearDoubles(body, sums),
    add: (pixel, bytes) => addDoubles(body, sums, loadFloats(pixel, bytes)),
    finish(to, divisor) {
      const divisors = body.let(f64x2.splat(divisorOf(body.let(divisor))));
      storeFloats(
        body,
        to,
        sums.map((sum) => f64x2.divide(sum, divisors)),
      );
    },
  };
}

/** As a float; 1 for a window that covers nothing, whose sum is 0. */
export function divisorOf(divisor: Local<'i32'>): Expression<'f64'> {
  return f64.fromI32(i32.add(divisor, i32.isZero(divisor)));
}
