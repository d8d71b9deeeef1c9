/** removeUnusedInputs: drop the inputs of a graph that no node reads and that are no output. */
import type { Graph, ValueRef } from '../graph.ts';

export function removeUnusedInputs(graph: Graph): Graph {
  const refs = [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map(({ value }) => value)];
  const used = new Set(refs.filter(({ from }) => from === 'input').map(({ index }) => index));
  const kept = graph.inputs.map((_, index) => index).filter((index) => used.has(index));
  const move = (ref: ValueRef): ValueRef =>
    ref.from === 'input' ? { from: 'input', index: kept.indexOf(ref.index) } : ref;
  return {
    ...graph,
    inputs: kept.map((index) => graph.inputs[index]!),
    nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(move) })),
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: move(value) })),
  };
}
