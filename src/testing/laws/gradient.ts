/** The gradient is what central differences in float64 give, and so is the gradient of the gradient. */
import fc from 'fast-check';
import { differentiate, gradientName } from '../../graph/index.ts';
import { runOperator } from '../../ops/index.ts';
import { cast } from '../../tensor/index.ts';
import { gradientProblems, gradientsOf, graphGradientProblems, randomHeads } from '../gradient-problems.ts';
import { complete, type OperatorCase, type Subject } from '../operator-case.ts';
import { randomNumbers } from '../random.ts';
import { FEW, type Law, refute } from './law.ts';
import { feedsOf, isInTable, traceCall } from './trace.ts';

export function gradientLaws<A extends object>(subject: Subject<A>, count: number): Law[] {
  const { operator, smooth, lossOutputs } = subject;
  const seeded = fc.tuple(smooth, fc.integer());
  const first: Law = {
    name: 'gradient',
    title: 'has the gradient that central differences in float64 give',
    check: () =>
      refute(seeded, count, ([{ inputs, attributes }, seed]) =>
        gradientProblems(operator, inputs, attributes, seed, { outputs: lossOutputs }),
      ),
  };
  const second: Law = {
    name: 'secondDerivative',
    title: 'has the second derivatives that central differences of its gradient give',
    check: () => refute(seeded, FEW, ([given, seed]) => secondDerivativeProblems(subject, given, seed)),
  };
  return isInTable(operator) ? [first, second] : [first];
}

/** Differentiates the graph of one call, and holds the gradient of the result against differences of the result. */
function secondDerivativeProblems<A extends object>(
  { operator, lossOutputs }: Subject<A>,
  { inputs, attributes }: OperatorCase<A>,
  seed: number,
): string[] {
  const exact = inputs.map((input) => cast(input, 'float64'));
  const next = randomNumbers(seed);
  const heads = randomHeads(runOperator(operator, exact, attributes), next, lossOutputs);
  const learns = gradientsOf(operator, exact, heads, attributes);
  const wrt = exact.flatMap((_, k) => (learns[k] ? [`in${k}`] : []));
  if (wrt.length === 0) return [];
  const inLoss = lossOutputs ?? [...heads.keys()];
  const outputs = inLoss.map((k) => `out${k}`);
  const gradient = differentiate(traceCall(operator, exact, attributes), outputs, wrt, { heads: true });
  const headFeeds = Object.fromEntries(inLoss.map((k) => [`head/out${k}`, heads[k]!]));
  const claim = {
    graph: gradient,
    loss: wrt.map(gradientName),
    wrt: [...wrt, ...Object.keys(headFeeds)],
    feeds: { ...feedsOf(exact), ...headFeeds },
  };
  return graphGradientProblems(claim, seed).map(
    (problem) => `${operator.name}, second derivative: ${problem}`,
  );
}

/** Whether the operator passes a gradient to any of its inputs, judged by one case; if that fails, the laws will say why. */
export function passesGradient<A extends object>({ operator, smooth }: Subject<A>): boolean {
  if (!operator.gradient) return false;
  const [given] = fc.sample(smooth, { numRuns: 1, seed: 1 });
  try {
    const { inputs, attributes } = given!;
    const outputs = runOperator(operator, inputs, attributes);
    const thunks = operator.gradient(outputs, inputs, outputs, complete(operator, attributes));
    return thunks.some((thunk) => typeof thunk === 'function');
  } catch {
    return true;
  }
}
