/** Takes the number of an item apart, as digits of a number system in which each place has a base of its own. */
import { type Body, type I32, i32, type Local } from '../assembler/index.ts';

export interface Digits {
  /** The lowest digit that is left, for a base. */
  readonly next: (base: I32) => Local<'i32'>;
  /** What is left: in the end the highest digit. */
  readonly rest: Local<'i32'>;
}

/**
 * Bases are read twice: pass locals or numbers.
 *
 * @example
 * const { next, rest: image } = digitsOf(body, item); // item = (image · blocks + block) · rows + row
 * const [row, block] = [next(rows), next(blocks)];
 */
export function digitsOf(body: Body, number: Local<'i32'>): Digits {
  const rest = body.let(number);
  return {
    rest,
    next(base) {
      const digit = body.let(i32.remainder(rest, base));
      body.set(rest, i32.divide(rest, base));
      return digit;
    },
  };
}
