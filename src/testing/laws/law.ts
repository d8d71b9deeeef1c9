/** What a law is: a statement about an operator that random cases may refute. No test framework is known here. */
import fc from 'fast-check';
import type { LawName } from '../operator-case.ts';
import { runs } from '../runs.ts';

export interface Law {
  readonly name: LawName;
  /** A sentence with the operator as subject, e.g. `agrees with the oracle in float32`. */
  readonly title: string;
  /**
   * Throws with fast-check's report (seed, path, the smallest case found) where the law does not hold. Returns a reason
   * where it could not be tried here, e.g. on a machine without a GPU.
   */
  check(): void | Promise<string | void>;
}

/** Random cases of laws about structure, which depends on shapes more than on numbers. */
export const FEW = 25;

/** Checks that a function finds nothing to complain about in any of a number of random cases. */
export function refute<T>(
  cases: fc.Arbitrary<T>,
  count: number,
  problems: (value: T) => readonly string[],
): void {
  const property = fc.property(cases, (value) => complain(problems(value)));
  fc.assert(property, { numRuns: runs(count) });
}

/** The same for what takes time. */
export function refuteAsync<T>(
  cases: fc.Arbitrary<T>,
  count: number,
  problems: (value: T) => Promise<readonly string[]>,
): Promise<void> {
  const property = fc.asyncProperty(cases, async (value) => complain(await problems(value)));
  return fc.assert(property, { numRuns: runs(count) });
}

function complain(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
