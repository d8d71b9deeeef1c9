/** Which laws an operator is held to, and which not, and why not. */
import type fc from 'fast-check';
import { type AnyOperator } from '../ops/index.ts';
import { attributeLaws } from './laws/attributes.ts';
import { backendLaws } from './laws/backends.ts';
import { edgeLaws } from './laws/edges.ts';
import { gradientLaws, passesGradient } from './laws/gradient.ts';
import type { Law } from './laws/law.ts';
import { memoryLaws } from './laws/memory.ts';
import { nonFiniteLaws } from './laws/non-finite.ts';
import { oracleLaws } from './laws/oracle.ts';
import { shapeRuleLaws } from './laws/shape-rule.ts';
import { isInTable, traceLaws } from './laws/trace.ts';
import { type CheckOptions, lawNames, type OperatorCase, type Subject } from './operator-case.ts';
import { tolerances } from './tolerances.ts';

export interface HeldLaw extends Law {
  /** Why it is not checked; undefined where it is. */
  readonly skipped: string | undefined;
}

/** Cases of the laws about values. */
const MANY = 100;

/**
 * The laws of one operator, without a test framework: `check()` of each throws when it does not hold. A law that cannot
 * apply (the gradient of an operator without one) is left out; one that is skipped says why.
 */
export function lawsOf<A extends object>(
  operator: AnyOperator,
  cases: fc.Arbitrary<OperatorCase<A>>,
  {
    oracle,
    tolerance,
    dtypes,
    runs: count = MANY,
    gradient,
    nonFinite,
    backends,
    skip = {},
  }: CheckOptions<A>,
): HeldLaw[] {
  const subject: Subject<A> = {
    operator,
    cases,
    smooth: gradient?.cases ?? cases,
    lossOutputs: gradient?.outputs,
    oracle,
    tolerance: tolerance ?? tolerances.oracle,
    dtypes: dtypes ?? ['float32', 'float64'],
    nonFinite: nonFinite ?? [NaN, Infinity, -Infinity],
  };
  const laws = [
    ...oracleLaws(subject, count),
    ...memoryLaws(subject),
    ...traceLaws(subject),
    ...shapeRuleLaws(subject, count),
    ...attributeLaws(subject, count),
    ...edgeLaws(subject),
    ...nonFiniteLaws(subject, count),
    ...(passesGradient(subject) ? gradientLaws(subject, count) : []),
    ...(isInTable(operator) ? backendLaws(subject, backends) : []),
  ];
  // Where the gradient is not the derivative there is no derivative of it either.
  const reasons = { ...(skip.gradient && { secondDerivative: skip.gradient }), ...skip };
  return lawNames.flatMap((name) =>
    laws.filter((law) => law.name === name).map((law) => ({ ...law, skipped: reasons[name] })),
  );
}
