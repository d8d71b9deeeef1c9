/**
 * Sorting: the order of unsigned keys, equal ones in the order of their indices.
 *
 * Three passes, one for each eleven bits from the lowest up: count how often each digit occurs, whence where its first
 * goes; then put each index where it belongs. Passes keep the order that the ones before have made.
 */
import { type Body, type Expression, i32, type Local, memory } from '../assembler/index.ts';
import type { ModuleWriter, WasmFunction } from '../assembler/index.ts';

const BITS = 11;
const DIGITS = 2 ** BITS;
/** Bytes of the table of counts. */
export const COUNT_BYTES: number = 4 * DIGITS;

const parameters = { keys: 'i32', count: 'i32', order: 'i32', other: 'i32', counts: 'i32' } as const;

/** Fills `order` with the indices of the keys from the smallest to the largest. `other` is as long, for passes between. */
export function sortFunction(module: ModuleWriter): WasmFunction<typeof parameters> {
  return module.function('radix sort', parameters, (body, { keys, count, order, other, counts }) => {
    pass(body, { keys, count, counts, to: order, bits: 0 });
    pass(body, { keys, count, counts, from: order, to: other, bits: BITS });
    pass(body, { keys, count, counts, from: other, to: order, bits: 2 * BITS });
  });
}

interface Pass {
  readonly keys: Local<'i32'>;
  readonly count: Local<'i32'>;
  readonly counts: Local<'i32'>;
  /** The order so far; absent in the first pass: that of the indices. */
  readonly from?: Local<'i32'>;
  readonly to: Local<'i32'>;
  /** Bits of the key below this pass's digit. */
  readonly bits: number;
}

function pass(body: Body, { keys, count, counts, from, to, bits }: Pass): void {
  const word = (base: Local<'i32'>, index: Expression<'i32'>): Expression<'i32'> =>
    i32.add(base, i32.multiply(index, 4));
  const indexAt = (place: Local<'i32'>): Expression<'i32'> => (from ? i32.load(word(from, place)) : place);
  /** Where the count of an index's digit is. */
  const counterOf = (index: Local<'i32'>): Local<'i32'> => {
    const digit = i32.and(i32.shiftRightUnsigned(i32.load(word(keys, index)), bits), DIGITS - 1);
    return body.let(word(counts, digit));
  };
  body.perform(memory.fillZero(counts, COUNT_BYTES));
  body.for(0, count, 1, (index) => {
    const counter = counterOf(index);
    body.perform(i32.store(counter, i32.add(i32.load(counter), 1)));
  });
  const sum = body.let(i32.constant(0));
  const counter = body.let(counts);
  body.for(0, DIGITS, 1, () => {
    const here = body.let(i32.load(counter));
    body.perform(i32.store(counter, sum));
    body.increase(sum, here);
    body.increase(counter, 4);
  });
  body.for(0, count, 1, (place) => {
    const index = body.let(indexAt(place));
    const next = counterOf(index);
    const target = body.let(i32.load(next));
    body.perform(i32.store(next, i32.add(target, 1)));
    body.perform(i32.store(word(to, target), index));
  });
}
