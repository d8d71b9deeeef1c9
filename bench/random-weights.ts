/** Weights for networks whose speed is measured; those of `dff bench`. */
export { randomWeights } from '../src/cli/bench/random-weights.ts';
