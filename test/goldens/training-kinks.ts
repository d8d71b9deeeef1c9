/**
 * The kinks of ReLUs. A gradient jumps where the input of a ReLU changes its sign, so an input within rounding of zero
 * gives float32 another gradient than float64, in every layer before it. Both are right. To compare them all the same,
 * the float64 run is repeated with those few inputs on the side on which float32 found them.
 */
import { type Feeds, type Graph, interpret, nameOf, type ParameterSource } from '../../src/graph/index.ts';
import { cast, type DType, tensor, type Tensor } from '../../src/tensor/index.ts';
import { withGiven } from './given.ts';

/** An input this small against the largest of its layer may change its sign through rounding. */
const ROUNDING = 1e-5;

export interface Kinks {
  /** Inputs of ReLUs on the other side of zero in float32. */
  readonly count: number;
  /** The outputs in float64, with those inputs as float32 has them. */
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** Everything that a graph is run with, in one dtype. */
export function castFeeds(
  inputs: Readonly<Record<string, Tensor>>,
  parameters: ParameterSource,
  dtype: DType,
): Feeds {
  const all = Object.entries(inputs).map(([name, value]) => [name, cast(value, dtype)] as const);
  const get = (name: string): Tensor | undefined => {
    const found = parameters.get(name);
    return found && cast(found, dtype);
  };
  return { inputs: Object.fromEntries(all), parameters: { get } };
}

/** Names of the values that ReLUs decide about. */
function rectified({ nodes, ...graph }: Graph): string[] {
  const deciding = nodes.filter(({ operator }) => operator === 'relu' || operator === 'leakyRelu');
  const names = deciding.map(({ inputs }) => nameOf({ nodes, ...graph }, inputs[0]!));
  return [...new Set(names)];
}

/**
 * Runs a graph in float64 with the decisions of float32.
 *
 * @param inputs of the graph, in any dtype
 * @returns undefined when float32 decides nothing otherwise, or something that rounding does not explain
 */
export function kinksOf(
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>>,
  parameters: ParameterSource,
): Kinks | undefined {
  const names = rectified(graph);
  const doubled = castFeeds(inputs, parameters, 'float64');
  const single = interpret(graph, castFeeds(inputs, parameters, 'float32'), { keep: names }).kept;
  const exact = interpret(graph, doubled, { keep: names }).kept;
  let [count, given] = [0, graph];
  const more: Record<string, Tensor> = {};
  for (const name of names) {
    const [rounded, precise] = [single.get(name)!, exact.get(name)!];
    const turned = [...precise.data.keys()].filter((i) => precise.data[i]! > 0 !== rounded.data[i]! > 0);
    if (turned.length === 0) continue;
    const largest = precise.data.map(Math.abs).toSorted().at(-1)!;
    if (turned.some((i) => !(Math.abs(rounded.data[i]! - precise.data[i]!) <= ROUNDING * largest)))
      return undefined;
    const moved = precise.data.slice();
    for (const i of turned) moved[i] = rounded.data[i]!;
    more[name] = tensor(precise.shape, moved, 'float64');
    given = withGiven(given, name);
    count += turned.length;
  }
  if (count === 0) return undefined;
  const { outputs } = interpret(given, { ...doubled, inputs: { ...doubled.inputs, ...more } });
  return { count, outputs };
}
