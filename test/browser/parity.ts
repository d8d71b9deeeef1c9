/** One call of an operator on a backend and on the reference, and where the backend's nodes ran. */
import { type Backend, toHost } from '../../src/backends/index.ts';
import { type Graph, trace } from '../../src/graph/index.ts';
import { type AnyOperator, applyAny, operators, runOperator, type Value } from '../../src/ops/index.ts';
import { difference, type OperatorCase, tolerances } from '../../src/testing/index.ts';
import { cast, elementCount, type Tensor } from '../../src/tensor/index.ts';

export interface ParityCase extends OperatorCase<object> {
  /** All inputs but the first are parameters, as weights are: numbers that the plan knows. */
  readonly weighted: boolean;
}

/** The operator of this build; one from a bundle has the same name. */
export function ownOperator({ name }: AnyOperator): AnyOperator {
  return (operators as Readonly<Record<string, AnyOperator>>)[name]!;
}

/** A call as a graph: inputs `in0`, `in1`, …, outputs `out0`, `out1`, … */
function callGraph(
  operator: AnyOperator,
  inputs: readonly Tensor[],
  { weighted, attributes }: ParityCase,
): Graph {
  const isFed = (k: number): boolean => k === 0 || !weighted;
  return trace(
    (parameters, values) => {
      const given = inputs.map(({ shape }, k) =>
        isFed(k) ? values[`in${k}`]! : parameters.get(`in${k}`, shape),
      );
      const results = applyAny<Value>(operator, given, attributes);
      return Object.fromEntries(results.map((result, k) => [`out${k}`, result])) as Record<string, never>;
    },
    Object.fromEntries(inputs.flatMap(({ shape }, k) => (isFed(k) ? [[`in${k}`, shape]] : []))),
  );
}

/** One sentence for each output that differs, and for a node that did not run where it should. */
export async function parityProblems(
  backend: Backend,
  operator: AnyOperator,
  one: ParityCase,
  tolerance: number = tolerances.backend,
): Promise<string[]> {
  const typed = one.inputs.map((input) => cast(input, 'float32'));
  const expected = runOperator(operator, typed, one.attributes);
  const named = typed.map((input, k) => [`in${k}`, input] as const);
  const graph = callGraph(operator, typed, one);
  const plan = await backend.compile(graph, new Map(named));
  try {
    const fed = named.filter(([name]) => graph.inputs.some((input) => input.name === name));
    const results = await plan.run(Object.fromEntries(fed));
    const problems: string[] = [];
    for (const [k, output] of expected.entries()) {
      const got = await toHost(results[`out${k}`]!);
      problems.push(...difference(`${operator.name}: output ${k}`, got, output, 'the reference', tolerance));
    }
    const isEmpty = [...typed, ...expected].some(({ shape }) => elementCount(shape) === 0);
    for (const { name, kernel, where } of plan.report().nodes) {
      if (where !== backend.mode && !isEmpty) problems.push(`${name} ran as ${kernel} on ${where}`);
    }
    return problems;
  } finally {
    plan.dispose();
  }
}
