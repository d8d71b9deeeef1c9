/**
 * Winograd's minimal filtering, one axis of it: m outputs of a filter of three taps from m + 2 inputs, with m + 2 products
 * instead of 3 m.  y = Aᵀ[(G g) ⊙ (Bᵀ d)]
 *
 * F(2, 3) multiplies polynomials at the points 0, 1, −1, ∞. F(4, 3) at 0, ±1/√2, ±√2, ∞: these lose two to nine times less
 * precision than the usual 0, ±1, ±2, ∞ (measured), and their products with each other are 1, which spares operations.
 *
 * Sums and differences that two rows share are computed once. Letters: d inputs, g taps, m products, y outputs.
 */
import { type Body, type Expression, f32x4, f64, type V128 } from '../assembler/index.ts';

export interface Transform {
  /** Outputs of a tile along an axis. */
  readonly tile: 4 | 2;
  /** Inputs, and products. */
  readonly size: 6 | 4;
  input(body: Body, d: readonly V128[]): readonly V128[];
  weights(g: readonly Double[]): readonly Double[];
  output(body: Body, m: readonly V128[]): readonly V128[];
}

type Double = Expression<'f64'>;

const { add, subtract, multiply } = f32x4;
const times = (factor: number, value: V128): V128 => multiply(f32x4.splat(factor), value);
const weighted = (factor: number, ...terms: readonly Double[]): Double =>
  f64.multiply(
    terms.reduce((sum, term) => f64.add(sum, term)),
    factor,
  );

export const fourOutputs: Transform = fourAt(Math.SQRT1_2, Math.SQRT2);

/** F(4, 3) at the points 0, ±a, ±b, ∞. */
function fourAt(a: number, b: number): Transform {
  const [A, B] = [a * a, b * b];
  return {
    tile: 4,
    size: 6,
    input(body, [d0, d1, d2, d3, d4, d5]) {
      const edge = (first: V128, middle: V128, last: V128): V128 =>
        add(subtract(times(A * B, first), times(A + B, middle)), last);
      const even = (square: number): V128 => body.let(subtract(d4!, times(square, d2!)));
      const odd = (point: number, square: number): V128 =>
        body.let(times(point, subtract(d3!, times(square, d1!))));
      const [evenA, oddA, evenB, oddB] = [even(B), odd(a, B), even(A), odd(b, A)];
      return [
        edge(d0!, d2!, d4!),
        add(evenA, oddA),
        subtract(evenA, oddA),
        add(evenB, oddB),
        subtract(evenB, oddB),
        edge(d1!, d3!, d5!),
      ];
    },
    weights([g0, g1, g2]) {
      const at = (point: number, other: number): Double => {
        const square = point * point;
        const scale = 1 / (2 * square * (square - other * other));
        return weighted(scale, g0!, f64.multiply(g1!, point), f64.multiply(g2!, square));
      };
      return [weighted(1 / (A * B), g0!), at(a, b), at(-a, b), at(b, a), at(-b, a), g2!];
    },
    output(body, [m0, m1, m2, m3, m4, m5]) {
      const [sumA, gapA] = [body.let(add(m1!, m2!)), body.let(subtract(m1!, m2!))];
      const [sumB, gapB] = [body.let(add(m3!, m4!)), body.let(subtract(m3!, m4!))];
      return [
        add(m0!, add(sumA, sumB)),
        add(times(a, gapA), times(b, gapB)),
        add(times(A, sumA), times(B, sumB)),
        add(add(times(a ** 3, gapA), times(b ** 3, gapB)), m5!),
      ];
    },
  };
}

export const twoOutputs: Transform = {
  tile: 2,
  size: 4,
  input: (_, [d0, d1, d2, d3]) => [subtract(d0!, d2!), add(d1!, d2!), subtract(d2!, d1!), subtract(d1!, d3!)],
  weights: ([g0, g1, g2]) => [
    g0!,
    weighted(0.5, g0!, g1!, g2!),
    weighted(0.5, g0!, f64.multiply(g1!, -1), g2!),
    g2!,
  ],
  output: (_, [m0, m1, m2, m3]) => [add(add(m0!, m1!), m2!), subtract(subtract(m1!, m2!), m3!)],
};

export const transformOf = (tile: 4 | 2): Transform => (tile === 4 ? fourOutputs : twoOutputs);
