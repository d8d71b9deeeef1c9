/** removeUnusedInputs: drop the inputs of a graph that no node reads and that are no output. */
import type { Graph } from '../graph.ts';
import { dropUnread } from './rewrite.ts';

export function removeUnusedInputs(graph: Graph): Graph {
  return dropUnread(graph, 'input');
}
