/** One NaN or infinity among the inputs does what it does to the oracle, which restates the documented rule. */
import fc from 'fast-check';
import { runOperator } from '../../ops/index.ts';
import { cast } from '../../tensor/index.ts';
import type { OperatorCase, Subject } from '../operator-case.ts';
import { randomIndex, randomNumbers } from '../random.ts';
import { type Law, refute } from './law.ts';
import { oracleProblems } from './oracle.ts';

export function nonFiniteLaws<A extends object>(subject: Subject<A>, count: number): Law[] {
  const places = fc.tuple(subject.cases, fc.constantFrom(...subject.nonFinite), fc.integer());
  return [
    {
      name: 'nonFinite',
      title: 'does with one NaN or infinity among its inputs what the oracle does with it',
      check: () =>
        refute(places, count, ([given, value, seed]) => {
          const injected = inject(given, value, seed);
          if (!injected) return [];
          return subject.dtypes.flatMap((dtype) => {
            const typed = injected.changed.inputs.map((input) => cast(input, dtype));
            const outputs = runOperator(subject.operator, typed, given.attributes);
            const problems = oracleProblems(subject, injected.changed, outputs);
            return problems.map((problem) => `${problem}, with ${value} ${injected.where}`);
          });
        }),
    },
  ];
}

/** The case with one element, drawn by the seed, replaced; undefined when there is none. */
function inject<A>(
  { inputs, attributes }: OperatorCase<A>,
  value: number,
  seed: number,
): { changed: OperatorCase<A>; where: string } | undefined {
  const next = randomNumbers(seed);
  const filled = inputs.flatMap(({ data }, k) => (data.length > 0 ? [k] : []));
  if (filled.length === 0) return undefined;
  const k = filled[randomIndex(filled.length, next)]!;
  const data = inputs[k]!.data.slice();
  const i = randomIndex(data.length, next);
  data[i] = value;
  return {
    changed: { inputs: inputs.with(k, { ...inputs[k]!, data }), attributes },
    where: `at element ${i} of input ${k}`,
  };
}
