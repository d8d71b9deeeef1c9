/** Gradients of operators and of whole graphs against central differences. */
import { differentiate, gradientName, type Graph, interpret } from '../graph/index.ts';
import { type AnyOperator, runOperator, type Value } from '../ops/index.ts';
import { cast, DffError, type Tensor, zeros } from '../tensor/index.ts';
import { type DifferenceOptions, differenceProblems } from './finite-differences.ts';
import { inputName } from './operator-case.ts';
import { randomLike, randomNumbers } from './random.ts';

/** What an operator passes back to each input, given the gradient in its outputs; null where it passes none. */
export function gradientsOf(
  operator: AnyOperator,
  inputs: readonly Tensor[],
  heads: readonly Tensor[],
  attributes: object = {},
): (Tensor | null)[] {
  if (!operator.gradient) throw new DffError(`${operator.name}: has no gradient`);
  const outputs = runOperator(operator, inputs, attributes);
  const thunks = operator.gradient(heads, inputs, outputs, { ...operator.defaults, ...attributes });
  return inputs.map((_, k) => {
    const thunk = thunks[k];
    return thunk ? (thunk() satisfies Value as Tensor) : null;
  });
}

/**
 * The gradient of one operator against central differences in float64: one sentence per disagreement. Inputs that it
 * passes no gradient to are not checked. Keep the inputs away from kinks.
 *
 * @example gradientProblems(operators.exp, [tensor([2], [0, 1])], {}, 1) // []
 */
export function gradientProblems(
  operator: AnyOperator,
  given: readonly Tensor[],
  attributes: object,
  seed: number,
  { outputs, ...options }: OperatorDifferenceOptions = {},
): string[] {
  const inputs = given.map((input) => cast(input, 'float64'));
  const run = (changed: readonly Tensor[]): readonly Tensor[] => runOperator(operator, changed, attributes);
  const next = randomNumbers(seed);
  const heads = randomHeads(run(inputs), next, outputs);
  const claim = {
    name: operator.name,
    outputs: run,
    inputs,
    inputNames: inputs.map((_, k) => inputName(operator, k)),
    heads,
    gradients: gradientsOf(operator, inputs, heads, attributes),
  };
  return differenceProblems(claim, next, options);
}

export interface OperatorDifferenceOptions extends DifferenceOptions {
  /** The outputs that the loss depends on. Default all. */
  readonly outputs?: readonly number[] | undefined;
}

/** Random heads; zeros for outputs that the loss does not depend on. */
export function randomHeads(
  outputs: readonly Tensor[],
  next: () => number,
  wanted: readonly number[] | undefined,
): Tensor[] {
  return outputs.map((output, k) =>
    wanted && !wanted.includes(k) ? zeros(output.shape, 'float64') : randomLike(output, next),
  );
}

export interface GraphClaim {
  readonly graph: Graph;
  /** Names of the outputs that make up the loss; each element is weighted at random. */
  readonly loss: readonly string[];
  /** Names of inputs and parameters whose gradient is checked. */
  readonly wrt: readonly string[];
  /** Every input and parameter by name. */
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/**
 * The gradients that `differentiate` gives for a graph against central differences of the graph, in float64: one
 * sentence per disagreement.
 *
 * @throws UnsupportedOpError when an operator on the way has no gradient
 */
export function graphGradientProblems(
  { graph, loss, wrt, feeds }: GraphClaim,
  seed: number,
  options: DifferenceOptions = {},
): string[] {
  const exact = Object.fromEntries(
    Object.entries(feeds).map(([name, value]) => [name, cast(value, 'float64')]),
  );
  const evaluate = (
    which: Graph,
    changed: Readonly<Record<string, Tensor>>,
  ): Readonly<Record<string, Tensor>> =>
    interpret(which, { inputs: changed, parameters: new Map(Object.entries(changed)) }).outputs;
  const outputs = (changed: readonly Tensor[]): Tensor[] => {
    const moved = Object.fromEntries(wrt.map((name, k) => [name, changed[k]!]));
    const results = evaluate(graph, { ...exact, ...moved });
    return loss.map((name) => results[name]!);
  };
  const next = randomNumbers(seed);
  const inputs = wrt.map((name) => exact[name]!);
  const heads = outputs(inputs).map((output) => randomLike(output, next));
  const weighted = Object.fromEntries(loss.map((name, k) => [`head/${name}`, heads[k]!]));
  const backward = differentiate(graph, loss, wrt, { heads: true });
  const found = evaluate(backward, { ...exact, ...weighted });
  const gradients = wrt.map((name) => found[gradientName(name)]!);
  return differenceProblems(
    { name: 'differentiate', outputs, inputs, inputNames: wrt, heads, gradients },
    next,
    options,
  );
}
