/**
 * What passes are made of: who reads a value, and the same graph with nodes replaced or taken out and references moved
 * along. Nothing here knows an operator.
 *
 * A node that replaces several stands at the place of the last of them, where everything that any of them read has been
 * computed; whoever read the last one then reads it.
 */
import { type Graph, type Node, references, type ValueRef } from '../graph.ts';

/** For each node, the node that alone reads it, and once only; undefined where there are others, or the graph's outputs. */
export function soleReaders(graph: Graph): readonly (number | undefined)[] {
  const readers = graph.nodes.map((): (number | undefined)[] => []);
  graph.nodes.forEach(({ inputs }, index) => {
    for (const ref of inputs) if (ref.from === 'node') readers[ref.index]!.push(index);
  });
  for (const { value } of graph.outputs) if (value.from === 'node') readers[value.index]!.push(undefined);
  return readers.map((list) => (list.length === 1 ? list[0] : undefined));
}

/** The same graph, reading other values. */
export function moveReferences(graph: Graph, move: (ref: ValueRef) => ValueRef): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(move) })),
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: move(value) })),
  };
}

/**
 * The graph with other nodes at some places, and none where the change is undefined; nobody may read those any more.
 * References in the new nodes are to places of the old graph.
 */
export function replaceNodes(graph: Graph, changes: ReadonlyMap<number, Node | undefined>): Graph {
  if (changes.size === 0) return graph;
  const places = new Map<number, number>();
  const nodes = graph.nodes.flatMap((node, index) => {
    const replacement = changes.has(index) ? changes.get(index) : node;
    if (!replacement) return [];
    places.set(index, places.size);
    return [replacement];
  });
  return moveReferences({ ...graph, nodes }, (ref) =>
    ref.from === 'node' ? { ...ref, index: places.get(ref.index)! } : ref,
  );
}

/** Inputs or parameters: the name of the list, and what references to it say. */
const lists = { input: 'inputs', parameter: 'parameters' } as const;

/** The graph with these of its inputs or parameters, by old index, in this order. */
export function choosePorts(graph: Graph, from: keyof typeof lists, chosen: readonly number[]): Graph {
  const places = new Map(chosen.map((old, place) => [old, place]));
  const ports = chosen.map((index) => graph[lists[from]][index]!);
  return moveReferences({ ...graph, [lists[from]]: ports }, (ref) =>
    ref.from === from ? { ...ref, index: places.get(ref.index)! } : ref,
  );
}

/** The graph without the inputs or parameters that nobody reads. */
export function dropUnread(graph: Graph, from: keyof typeof lists): Graph {
  const read = new Set(references(graph).flatMap((ref) => (ref.from === from ? [ref.index] : [])));
  const ports = graph[lists[from]];
  if (read.size === ports.length) return graph;
  return choosePorts(
    graph,
    from,
    [...ports.keys()].filter((index) => read.has(index)),
  );
}
