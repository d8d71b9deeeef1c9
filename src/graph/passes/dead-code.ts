/**
 * deadCode: drop the nodes that no output depends on, and the parameters that nobody reads then. Inputs stay, so that
 * the graph is fed as before.
 */
import type { Graph, Node, ValueRef } from '../graph.ts';
import { dropUnread, replaceNodes } from './rewrite.ts';

/** The graph without what its outputs do not need; the graph itself where they need everything. */
export function deadCode(graph: Graph): Graph {
  const needed = new Set<number>();
  const need = (ref: ValueRef): void => {
    if (ref.from === 'node') needed.add(ref.index);
  };
  for (const { value } of graph.outputs) need(value);
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    if (needed.has(index)) graph.nodes[index]!.inputs.forEach(need);
  }
  const dead = [...graph.nodes.keys()].filter((index) => !needed.has(index));
  const changes = new Map(dead.map((index): [number, Node | undefined] => [index, undefined]));
  return dropUnread(replaceNodes(graph, changes), 'parameter');
}
