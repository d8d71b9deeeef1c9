/** lifetimes: how long each value of a graph is wanted, as data for whoever plans memory. */
import type { Graph } from '../graph.ts';

/** Something for each output of each node: `values[node][output]`. */
export type PerOutput<T> = readonly (readonly T[])[];

/**
 * For every output of every node the index of the last node that reads it. A value that nobody reads ends with the node
 * that makes it; one that is an output of the graph ends at `graph.nodes.length`, behind all nodes.
 *
 * @example lifetimes(graph)[3]![0] // when the first output of node 3 may be given up
 */
export function lifetimes(graph: Graph): PerOutput<number> {
  const ends = graph.nodes.map(({ outputs }, index) => outputs.map(() => index));
  graph.nodes.forEach(({ inputs }, index) => {
    for (const ref of inputs) if (ref.from === 'node') ends[ref.index]![ref.output] = index;
  });
  for (const { value } of graph.outputs) {
    if (value.from === 'node') ends[value.index]![value.output] = graph.nodes.length;
  }
  return ends;
}
