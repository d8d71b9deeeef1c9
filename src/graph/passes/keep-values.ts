/**
 * keepValues: make inner values outputs of the graph, under their own names.
 *
 * A value that is an output is read from outside, so no pass fuses it away or takes it out. Whoever wants to see inner
 * values of an optimized graph keeps them before the passes run.
 */
import { ParameterError } from '../../tensor/errors.ts';
import { type Graph, nameOf, type ValueRef } from '../graph.ts';
import { valuesCalled } from '../value-lookup.ts';

/**
 * The graph with more outputs, behind those that it has; names that are outputs already change nothing.
 *
 * @param names of values of nodes, e.g. `warping_feat_output`. Of two nodes of one name, the later one
 * @throws ParameterError when there is no such value, or an output of that name that is another value
 * @example optimize(keepValues(graph, ['warping_feat_output']))
 */
export function keepValues(graph: Graph, names: readonly string[]): Graph {
  const outputs = new Map(graph.outputs.map(({ name, value }) => [name, value]));
  valuesCalled(graph, names).forEach((value, k) => {
    const name = names[k]!;
    const taken = outputs.get(name);
    if (taken && !isSame(taken, value)) {
      throw new ParameterError(
        `keepValues: ${name} is the name of an output already, of the value ${nameOf(graph, taken)}`,
      );
    }
    outputs.set(name, value);
  });
  if (outputs.size === graph.outputs.length) return graph;
  return { ...graph, outputs: Array.from(outputs, ([name, value]) => ({ name, value })) };
}

function isSame(a: ValueRef, b: ValueRef): boolean {
  return a.from === 'node' && b.from === 'node' && a.index === b.index && a.output === b.output;
}
