/** The kernel agrees with the oracle, and the shape rule with what the kernel fills, in every dtype. */
import { runOperator } from '../../ops/index.ts';
import { cast, formatShape, sameShape, type Tensor } from '../../tensor/index.ts';
import { complete, type OperatorCase, type Subject } from '../operator-case.ts';
import { difference } from '../tolerances.ts';
import { type Law, refute } from './law.ts';

export function oracleLaws<A extends object>(subject: Subject<A>, count: number): Law[] {
  return subject.dtypes.map((dtype) => ({
    name: 'oracle',
    title: `agrees with the oracle, and its shape rule with its result, in ${dtype}`,
    check: () =>
      refute(subject.cases, count, (given) => {
        const typed = given.inputs.map((input) => cast(input, dtype));
        return oracleProblems(subject, given, runOperator(subject.operator, typed, given.attributes));
      }),
  }));
}

/** Holds outputs against the oracle and the shape rule. */
export function oracleProblems<A extends object>(
  { operator, oracle, tolerance }: Subject<A>,
  { inputs, attributes }: OperatorCase<A>,
  outputs: readonly Tensor[],
): string[] {
  const full = complete(operator, attributes);
  const shapes = operator.shape(
    inputs.map(({ shape }) => shape),
    full,
  );
  const expected = [oracle(inputs, full)].flat();
  if (outputs.length !== expected.length || shapes.length !== expected.length) {
    const counts = `${outputs.length} outputs and ${shapes.length} shapes`;
    return [`${operator.name}: ${counts}, the oracle gives ${expected.length}`];
  }
  return outputs.flatMap((output, k) => {
    const what = `${operator.name}: ${operator.outputs[k] ?? `output${k}`}`;
    if (!sameShape(shapes[k]!, output.shape)) {
      return [`${what} is ${formatShape(output.shape)}, the shape rule says ${formatShape(shapes[k]!)}`];
    }
    return difference(what, output, expected[k]!, 'the oracle says', tolerance[output.dtype]);
  });
}
