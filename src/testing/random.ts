/** Repeatable random numbers for directions and heads, where shrinking would be of no use. */
import { type Tensor, tensor } from '../tensor/index.ts';

/** Repeatable numbers from −1 up to 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** A float64 tensor of the same shape with random numbers from −1 up to 1. */
export function randomLike({ shape, data }: Tensor, next: () => number): Tensor {
  return tensor(
    shape,
    Float64Array.from(data, () => next()),
  );
}

/** A whole number from 0 up to `count`. */
export function randomIndex(count: number, next: () => number): number {
  return Math.min(count - 1, Math.floor(((next() + 1) / 2) * count));
}
