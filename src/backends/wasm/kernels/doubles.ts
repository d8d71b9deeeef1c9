/** A pixel of a block, its eight channels, as four vectors of float64: for sums that the reference adds up in float64. */
import { type Body, f64x2, type I32, type Local, v128, type V128 } from '../assembler/index.ts';

export type Doubles = readonly Local<'v128'>[];

/** Pairs of channels in a block. */
const PAIRS = [0, 1, 2, 3] as const;

/** Four vectors, 0 at first. */
export function doubleLocals(body: Body): Doubles {
  return PAIRS.map(() => body.local('v128'));
}

export function clearDoubles(body: Body, sums: Doubles): void {
  sums.forEach((sum) => body.set(sum, v128.zero));
}

/** Eight floats of memory as float64. */
export function loadFloats(address: I32, offset: number = 0): readonly V128[] {
  return PAIRS.map((k) => f64x2.fromLowF32(v128.loadLow(address, offset + 8 * k)));
}

/** Two vectors of four floats as float64. */
export function fromFloats(low: V128, high: V128): readonly V128[] {
  return [low, high].flatMap((four) => [
    f64x2.fromLowF32(four),
    f64x2.fromLowF32(v128.shuffle(four, four, [2, 3, 2, 3])),
  ]);
}

export function addDoubles(body: Body, sums: Doubles, values: readonly V128[]): void {
  sums.forEach((sum, k) => body.set(sum, f64x2.add(sum, values[k]!)));
}

/** Four float64 rounded to four floats. */
export function toFloats(low: V128, high: V128): V128 {
  return v128.shuffle(f64x2.toF32(low), f64x2.toF32(high), [0, 1, 4, 5]);
}

/** Rounds eight float64 and stores them. */
export function storeFloats(body: Body, address: I32, [a, b, c, d]: readonly V128[]): void {
  body.perform(v128.store(address, toFloats(a!, b!)));
  body.perform(v128.store(address, toFloats(c!, d!), 16));
}

/** Rounds pixels of eight float64 and stores them. */
export function storeTotals(
  body: Body,
  totals: Local<'i32'>,
  output: Local<'i32'>,
  pixels: Local<'i32'>,
): void {
  const [from, to] = [body.let(totals), body.let(output)];
  body.for(0, pixels, 1, () => {
    storeFloats(
      body,
      to,
      [0, 1, 2, 3].map((pair) => v128.load(from, 16 * pair)),
    );
    body.increase(from, 64);
    body.increase(to, 32);
  });
}
