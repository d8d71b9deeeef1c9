/**
 * Computed at once or recorded and run later, it is the same: the recorded shapes are those computed, the graph is plain
 * data that survives JSON, and running it gives the same bits. The same for the gradient, which is written with operators.
 */
import { type Graph, interpret, trace } from '../../graph/index.ts';
import { type AnyOperator, applyAny, operators, runOperator, type Value } from '../../ops/index.ts';
import { cast, full, formatShape, sameShape, type Tensor } from '../../tensor/index.ts';
import { gradientsOf } from '../gradient-problems.ts';
import { complete, type OperatorCase, type Subject } from '../operator-case.ts';
import { randomLike, randomNumbers } from '../random.ts';
import { difference } from '../tolerances.ts';
import { FEW, type Law, refute } from './law.ts';

export function traceLaws<A extends object>(subject: Subject<A>): Law[] {
  return [
    {
      name: 'trace',
      title:
        'records the shapes that it computes, and gives the same bits from a graph that went through JSON',
      check: () => refute(subject.cases, FEW, (given) => traceProblems(subject, given)),
    },
  ];
}

/** Whether a graph with this operator can be run: graphs find operators by name in the table. */
export function isInTable(operator: AnyOperator): boolean {
  return (operators as Readonly<Record<string, AnyOperator>>)[operator.name] === operator;
}

function traceProblems<A extends object>(
  { operator, dtypes }: Subject<A>,
  { inputs, attributes }: OperatorCase<A>,
): string[] {
  const typed = inputs.map((input) => cast(input, dtypes[0]!));
  const eager = runOperator(operator, typed, attributes);
  const graph = traceCall(operator, typed, attributes);
  const shapes = graph.nodes[0]!.shapes;
  const recorded = shapes.map(formatShape).join(', ');
  if (shapes.length !== eager.length || !eager.every(({ shape }, k) => sameShape(shape, shapes[k]!))) {
    return [
      `${operator.name}: recorded as ${recorded}, computed ${eager.map(({ shape }) => formatShape(shape)).join(', ')}`,
    ];
  }
  const stored = JSON.parse(JSON.stringify(graph)) as Graph;
  const replayed = isInTable(operator)
    ? Object.values(interpret(stored, { inputs: feedsOf(typed), parameters: new Map() }).outputs)
    : runOperator(operator, typed, stored.nodes[0]!.attributes);
  return [
    ...replayed.flatMap((output, k) =>
      difference(`${operator.name}: output ${k} of the graph`, output, eager[k]!, 'computed at once', 'bits'),
    ),
    ...gradientTraceProblems(operator, typed, eager, attributes),
  ];
}

/** A graph of one call, its inputs called `in0`, `in1`, …, its outputs `out0`, `out1`, … */
export function traceCall(operator: AnyOperator, inputs: readonly Tensor[], attributes: object): Graph {
  const shapes = Object.fromEntries(inputs.map(({ shape }, k) => [`in${k}`, shape]));
  return trace((_, values) => {
    const results = applyAny<Value>(
      operator,
      inputs.map((_input, k) => values[`in${k}`]!),
      attributes,
    );
    return Object.fromEntries(results.map((result, k) => [`out${k}`, result])) as Record<string, never>;
  }, shapes);
}

export const feedsOf = (inputs: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(inputs.map((input, k) => [`in${k}`, input]));

/** The gradient computed at once, and from a graph to which inputs, outputs and heads are fed. */
function gradientTraceProblems(
  operator: AnyOperator,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  attributes: object,
): string[] {
  if (!operator.gradient) return [];
  const next = randomNumbers(outputs.length);
  const heads = outputs.map((output) => cast(randomLike(output, next), output.dtype));
  const eager = gradientsOf(operator, inputs, heads, attributes);
  const feeds: Record<string, Tensor> = {};
  inputs.forEach((value, k) => (feeds[`in${k}`] = value));
  outputs.forEach((value, k) => (feeds[`out${k}`] = value));
  heads.forEach((value, k) => (feeds[`head${k}`] = value));
  const graph = trace(
    (_, values) => {
      const list = (prefix: string, count: number): Value[] =>
        Array.from({ length: count }, (_item, k) => values[`${prefix}${k}`]!);
      const thunks = operator.gradient!(
        list('head', heads.length),
        list('in', inputs.length),
        list('out', outputs.length),
        complete(operator, attributes),
      );
      const made = inputs.flatMap((_input, k) => {
        const thunk = thunks[k];
        return thunk ? [[`gradient${k}`, thunk()] as const] : [];
      });
      return Object.fromEntries(made) as Record<string, never>;
    },
    Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])),
  );
  const replayed = interpret(graph, { inputs: feeds, parameters: new Map() }).outputs;
  return eager.flatMap((gradient, k) => {
    if (gradient === null) return [];
    const what = `${operator.name}: gradient ${k} of the graph`;
    return difference(what, replayed[`gradient${k}`] ?? full([], NaN), gradient, 'computed at once', 'bits');
  });
}
