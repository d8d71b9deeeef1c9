/**
 * Gradients of pooling, in blocks. Each pixel gathers from the windows that hold it, in row-major order and in float64, as
 * the reference adds them up; so items may be any rows.
 *
 *   winners   item = some windows' rows:  winner[window][8] = address of the largest pixel
 *   gather    item = some rows of pixels: out[pixel][8] = Σ over its windows: head / divisor, or head where it has won
 */
import { f64, f64x2, i32, i32x4, v128 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { addDoubles, clearDoubles, doubleLocals, fromFloats, loadFloats, storeFloats } from './doubles.ts';
import { forEachRow, type PoolingFields, poolingFields, type PoolingType, readExtent } from './pooling.ts';
import { writeWinners } from './winners.ts';

export const poolingWinnersKernel: Kernel<PoolingFields> = defineKernel({
  name: 'pooling winners',
  fields: poolingFields,
  write(body, record) {
    const { columnCount, columns, inputRow } = record;
    const winners = writeWinners(body);
    forEachRow(body, record, (row, from, vertical) => {
      const to = body.let(i32.add(record.output, i32.multiply(row, i32.multiply(columnCount, 32))));
      body.for(0, columnCount, 1, (q) => {
        const horizontal = readExtent(body, columns, q);
        const line = body.let(i32.add(from, horizontal.first));
        winners.begin();
        body.for(0, vertical.count, 1, () => {
          const pixel = body.let(line);
          body.for(0, horizontal.count, 1, () => {
            winners.meet(pixel);
            body.increase(pixel, 32);
          });
          body.increase(line, inputRow);
        });
        winners.places.forEach((half, k) => body.perform(v128.store(to, half, 16 * k)));
        body.increase(to, 32);
      });
    });
  },
});

/**
 * Here input is the head, output the gradient, and the tables give for each row or column of pixels the windows that hold
 * it: bytes to the first, how many, and its index.
 */
const fields: PoolingFields &
  Readonly<Record<'rowDivisors' | 'columnDivisors' | 'winners' | 'data', 'address'>> = {
  ...poolingFields,
  /** Of windows, i32. Averages only. */
  rowDivisors: 'address',
  columnDivisors: 'address',
  /** Of the shape of the head, and the pixels that they are addresses of. Largest values only. */
  winners: 'address',
  data: 'address',
};

export function poolingGradientKernel(type: PoolingType): Kernel<typeof fields> {
  return defineKernel({
    name: `pooling gradient ${type}`,
    fields,
    write(body, record) {
      const { columnCount, columns, inputRow } = record;
      const sums = doubleLocals(body);
      const toWinners = body.let(i32.subtract(record.winners, record.input));
      forEachRow(body, record, (row, from, vertical) => {
        const place = body.let(i32.multiply(row, i32.multiply(columnCount, 32)));
        const to = body.let(i32.add(record.output, place));
        const pixel = body.let(i32.add(record.data, place));
        body.for(0, columnCount, 1, (x) => {
          const horizontal = readExtent(body, columns, x);
          const line = body.let(i32.add(from, horizontal.first));
          const rowDivisor = body.let(i32.add(record.rowDivisors, i32.multiply(vertical.divisor, 4)));
          clearDoubles(body, sums);
          body.for(0, vertical.count, 1, () => {
            const at = body.let(line);
            const divisorAt = body.let(i32.add(record.columnDivisors, i32.multiply(horizontal.divisor, 4)));
            body.for(0, horizontal.count, 1, () => {
              if (type === 'average') {
                const divisor = i32.multiply(i32.load(rowDivisor), i32.load(divisorAt));
                const divisors = body.let(f64x2.splat(f64.fromI32(divisor)));
                addDoubles(
                  body,
                  sums,
                  loadFloats(at).map((head) => f64x2.divide(head, divisors)),
                );
                body.increase(divisorAt, 4);
              } else {
                const winner = body.let(i32.add(at, toWinners));
                const own = body.let(i32x4.splat(pixel));
                const [low, high] = [0, 16].map((bytes) => {
                  const hasWon = i32x4.equal(v128.load(winner, bytes), own);
                  return body.let(v128.and(v128.load(at, bytes), hasWon));
                });
                addDoubles(body, sums, fromFloats(low!, high!));
              }
              body.increase(at, 32);
            });
            body.increase(line, inputRow);
            body.increase(rowDivisor, 4);
          });
          storeFloats(body, to, sums);
          body.increase(to, 32);
          body.increase(pixel, 32);
        });
      });
    },
  });
}
