/**
 * `deep-feature-flow/testing`: the test suite as a tool, for operators of this package and of others. Needs vitest and
 * fast-check, which are optional peers of this package.
 */
export { checkOp } from './check-op.ts';
export { type HeldLaw, lawsOf } from './laws-of.ts';
export type { Law } from './laws/law.ts';
export {
  type CheckOptions,
  type LawName,
  lawNames,
  type OperatorCase,
  type Oracle,
} from './operator-case.ts';
export { distinctValues, sizes, type ValueRange, values } from './arbitraries.ts';
export { at, build } from './naive.ts';
export { randomLike, randomNumbers } from './random.ts';
export { type Claim, type DifferenceOptions, differenceProblems } from './finite-differences.ts';
export {
  gradientProblems,
  gradientsOf,
  type GraphClaim,
  type OperatorDifferenceOptions,
  graphGradientProblems,
} from './gradient-problems.ts';
export { difference, type DTypeTolerance, tolerances } from './tolerances.ts';
export { runs } from './runs.ts';
