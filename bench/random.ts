/** Reproducible numbers, so that every run of a benchmark computes the same. */
export { randomTensor, uniform } from '../src/cli/bench/random.ts';
