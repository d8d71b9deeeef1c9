/**
 * F(4 × 4) at other points: what the choice of 0, ±1/√2, ±√2, ∞ gains.
 *
 * One tile of many channels, with every step rounded to float32 but for the weights, which are transformed in float64.
 */
import { table } from '../../table.ts';
import { uniform } from '../../random.ts';

const CHANNELS = 256;
const TILES = 200;

type Matrix = readonly (readonly number[])[];

/** Bᵀ, G and Aᵀ for the points 0, ±a, ±b, ∞. */
export function matrices(
  a: number,
  b: number,
): { readonly B: Matrix; readonly G: Matrix; readonly A: Matrix } {
  const [p, q] = [a * a, b * b];
  const points = [a, -a, b, -b];
  const weight = (point: number, square: number, other: number): number[] => {
    const scale = 2 * square * (square - other);
    return [1 / scale, point / scale, square / scale];
  };
  return {
    B: [
      [p * q, 0, -(p + q), 0, 1, 0],
      [0, -a * q, -q, a, 1, 0],
      [0, a * q, -q, -a, 1, 0],
      [0, -b * p, -p, b, 1, 0],
      [0, b * p, -p, -b, 1, 0],
      [0, p * q, 0, -(p + q), 0, 1],
    ],
    G: [[1 / (p * q), 0, 0], weight(a, p, q), weight(-a, p, q), weight(b, q, p), weight(-b, q, p), [0, 0, 1]],
    A: [0, 1, 2, 3].map((power) => [
      power === 0 ? 1 : 0,
      ...points.map((point) => point ** power),
      power === 3 ? 1 : 0,
    ]),
  };
}

type Round = (value: number) => number;
const exactly: Round = (value) => value;

/** left · right, each product and each sum rounded. */
function product(left: Matrix, right: Matrix, round: Round): Matrix {
  return left.map((row) =>
    right[0]!.map((_, column) =>
      row.reduce((sum, value, k) => round(sum + round(round(value) * right[k]![column]!)), 0),
    ),
  );
}

const transpose = (matrix: Matrix): Matrix => matrix[0]!.map((_, k) => matrix.map((row) => row[k]!));
const sandwich = (outer: Matrix, inner: Matrix, round: Round): Matrix =>
  product(product(outer, inner, round), transpose(outer), round);

/** Largest error of the outputs of many tiles, as a part of the largest output. */
function errorAt(a: number, b: number): number {
  const { A, B, G } = matrices(a, b);
  const random = uniform(4);
  const draw = (rows: number): Matrix =>
    Array.from({ length: rows }, () => Array.from({ length: rows }, () => Math.fround(random() - 0.5)));
  let [error, size] = [0, 0];
  for (let tile = 0; tile < TILES; tile++) {
    const sums = Array.from({ length: 6 }, () => new Float32Array(6));
    const exact = Array.from({ length: 4 }, () => new Float64Array(4));
    for (let channel = 0; channel < CHANNELS; channel++) {
      const [data, filter] = [draw(6), draw(3)];
      const V = sandwich(B, data, Math.fround);
      const U = sandwich(G, filter, exactly);
      sums.forEach((row, r) =>
        row.forEach((sum, c) => {
          row[c] = sum + Math.fround(Math.fround(U[r]![c]!) * V[r]![c]!);
        }),
      );
      exact.forEach((row, y) =>
        row.forEach((_, x) => {
          for (let i = 0; i < 3; i++)
            for (let j = 0; j < 3; j++) row[x]! += data[y + i]![x + j]! * filter[i]![j]!;
        }),
      );
    }
    const y = sandwich(
      A,
      sums.map((row) => [...row]),
      Math.fround,
    );
    exact.forEach((row, r) =>
      row.forEach((value, c) => {
        error = Math.max(error, Math.abs(y[r]![c]! - value));
        size = Math.max(size, Math.abs(value));
      }),
    );
  }
  return error / size;
}

export function pointTable(): string {
  const choices = [
    ['0, ±1, ±2, ∞', 1, 2],
    ['0, ±1/2, ±1, ∞', 0.5, 1],
    ['0, ±1/√2, ±√2, ∞', Math.SQRT1_2, Math.SQRT2],
  ] as const;
  const rows = choices.map(([name, a, b]) => [name, errorAt(a, b).toExponential(1)]);
  return table([`points of F(4x4), ${CHANNELS} channels`, 'largest error / largest value'], rows);
}
