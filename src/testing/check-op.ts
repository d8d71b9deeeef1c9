/**
 * The laws that hold for every operator, in one call: `checkOp(operator, cases, { oracle })`.
 *
 *  - oracle: the kernel agrees with an oracle written by another formulation, in both dtypes, and the shape rule with it;
 *  - memory: the same numbers give the same bits, however they lie in memory, and the inputs are left alone;
 *  - trace: recorded in a graph, stored as JSON and run from there, the operator and its gradient give the same bits;
 *  - shapeRule: whatever the shapes, it computes or throws a ShapeError;
 *  - attributes: whatever the numbers among its attributes, it computes or throws a ShapeError;
 *  - edges: axes of size 1 and 0;
 *  - nonFinite: what one NaN or infinity reaches;
 *  - gradient, secondDerivative: central differences in float64;
 *  - backends: every other backend against the reference.
 *
 * Cases are drawn by fast-check; a failure prints the seed, the path and the smallest case found.
 */
import type fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyOperator } from '../ops/index.ts';
import { lawsOf } from './laws-of.ts';
import type { CheckOptions, OperatorCase } from './operator-case.ts';

/**
 * Registers the laws as tests of one operator. A skipped law appears as a skipped test with its reason as the title.
 *
 * @param cases random calls, with float64 tensors of values that float32 holds (`values`)
 * @example
 * checkOp(expOperator, sizes(3, 4).chain((shape) => fc.record({ inputs: fc.tuple(values(shape)), attributes: fc.constant({}) })), {
 *   oracle: ([x]) => build(x!.shape, (...index) => Math.E ** at(x!, ...index)),
 * });
 */
export function checkOp<A extends object>(
  operator: AnyOperator,
  cases: fc.Arbitrary<OperatorCase<A>>,
  options: CheckOptions<A>,
): void {
  describe(operator.name, () => {
    for (const law of lawsOf(operator, cases, options)) {
      test(
        law.skipped === undefined ? law.title : `${law.name} (not checked: ${law.skipped})`,
        async (context) => {
          const reason = law.skipped ?? (await law.check());
          if (reason !== undefined) context.skip(reason);
          expect(reason).toBeUndefined();
        },
      );
    }
  });
}
