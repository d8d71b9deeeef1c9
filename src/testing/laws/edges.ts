/**
 * Axes of size 1 and 0. Starting from a random case, axes are cut down: one axis of one input; every axis of that size in
 * all inputs; the same axis of all inputs. Where the shape rule accepts the result the kernel must agree with the oracle,
 * and the gradient must have the shape of what it is the gradient in. Where it refuses, it does so with a ShapeError.
 */
import { runOperator } from '../../ops/index.ts';
import { cast, formatShape, sameShape, type Shape, ShapeError, type Tensor } from '../../tensor/index.ts';
import { gradientsOf } from '../gradient-problems.ts';
import { at, build } from '../naive.ts';
import { complete, inputName, type OperatorCase, type Subject } from '../operator-case.ts';
import { FEW, type Law, refute } from './law.ts';
import { oracleProblems } from './oracle.ts';

export function edgeLaws<A extends object>(subject: Subject<A>): Law[] {
  return [
    {
      name: 'edges',
      title: 'computes or refuses with a ShapeError where axes have size 1 or 0',
      check() {
        let accepted = 0;
        refute(subject.cases, FEW, (given) =>
          edgesOf(given).flatMap((edge) => {
            if (refused(subject, edge)) return [];
            accepted++;
            return edgeProblems(subject, edge);
          }),
        );
        if (accepted === 0)
          throw new Error(`${subject.operator.name}: no edge was accepted, so none was tried`);
      },
    },
  ];
}

/** The case with axes cut down to 1 or 0 in every way tried, each once. */
export function edgesOf<A>({ inputs, attributes }: OperatorCase<A>): OperatorCase<A>[] {
  const shapes = inputs.map(({ shape }) => shape);
  const found = new Map<string, readonly Shape[]>();
  shapes.forEach((shape, k) =>
    shape.forEach((size, axis) => {
      for (const edge of [1, 0].filter((to) => to < size)) {
        const linked = (test: (size: number, axis: number) => boolean): Shape[] =>
          shapes.map((other) => other.map((s, a) => (s > edge && test(s, a) ? edge : s)));
        const ways = [
          shapes.with(k, shape.with(axis, edge)),
          linked((s) => s === size),
          linked((_, a) => a === axis),
        ];
        for (const way of ways) found.set(JSON.stringify(way), way);
      }
    }),
  );
  return [...found.values()].map((way) => ({
    attributes,
    inputs: inputs.map((input, k) => leadingPart(input, way[k]!)),
  }));
}

const leadingPart = (source: Tensor, shape: Shape): Tensor =>
  build(shape, (...index) => at(source, ...index));

function refused<A extends object>(
  { operator }: Subject<A>,
  { inputs, attributes }: OperatorCase<A>,
): boolean {
  try {
    operator.shape(
      inputs.map(({ shape }) => shape),
      complete(operator, attributes),
    );
    return false;
  } catch (error) {
    if (error instanceof ShapeError) return true;
    throw error;
  }
}

function edgeProblems<A extends object>(subject: Subject<A>, given: OperatorCase<A>): string[] {
  const { operator, dtypes } = subject;
  const { inputs, attributes } = given;
  const shapes = inputs.map(({ shape }) => formatShape(shape)).join(', ');
  const typed = inputs.map((input) => cast(input, dtypes.at(-1)!));
  const outputs = runOperator(operator, typed, attributes);
  const problems = oracleProblems(subject, given, outputs);
  if (operator.gradient) {
    gradientsOf(operator, typed, outputs, attributes).forEach((gradient, k) => {
      if (gradient === null || sameShape(gradient.shape, inputs[k]!.shape)) return;
      const name = inputName(operator, k);
      problems.push(`${operator.name}: gradient in ${name} is ${formatShape(gradient.shape)}`);
    });
  }
  return problems.map((problem) => `${problem}, for ${shapes}`);
}
