/** A graph in which a value that it computes comes from outside instead. */
import { type Graph, type ValueRef, valueName } from '../../src/graph/index.ts';

/**
 * The same graph with a further input of the value's name and shape: what read the value reads the input. Of two nodes
 * of one name, the later one is replaced.
 *
 * @param name as MXNet forms it, e.g. `rois_output`
 */
export function withGiven(graph: Graph, name: string): Graph {
  const places = graph.nodes.flatMap((node, index) =>
    node.outputs.flatMap((_, output) => (valueName(node, output) === name ? [{ index, output }] : [])),
  );
  const place = places.at(-1);
  if (!place) throw new Error(`there is no value called ${name}`);
  const { index, output } = place;
  const input: ValueRef = { from: 'input', index: graph.inputs.length };
  const redirect = (ref: ValueRef): ValueRef =>
    ref.from === 'node' && ref.index === index && ref.output === output ? input : ref;
  return {
    ...graph,
    inputs: [...graph.inputs, { name, shape: graph.nodes[index]!.shapes[output]! }],
    nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(redirect) })),
    outputs: graph.outputs.map((entry) => ({ ...entry, value: redirect(entry.value) })),
  };
}
