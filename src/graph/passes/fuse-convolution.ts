/**
 * fuseConvolution: a convolution, the sum with a shortcut behind it and the activation behind that become one node.
 *
 *   relu(shortcut + convolution(data, weight, bias))  →  fusedConvolution(data, weight, bias, shortcut, slope 0)
 *
 * The sum and the activation then cost no pass over memory. Either may be missing; a convolution with neither stays as it
 * is. Where two convolutions are added up, the later one takes the sum and the earlier one is its shortcut.
 *
 * Not fused: values that others read or that are outputs, sums that repeat axes, and sums behind convolutions without a
 * bias, whose residual would stand in the bias's place (foldBatchNorm gives them one).
 */
import type { Graph, Node } from '../graph.ts';
import { activationSlope, otherOperand } from './fusible.ts';
import { replaceNodes, soleReaders } from './rewrite.ts';

/** The graph with fused convolutions, each under the name of the last node that it stands for. */
export function fuseConvolution(graph: Graph): Graph {
  const readers = soleReaders(graph);
  const changes = new Map<number, Node | undefined>();
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index]!;
    if (node.operator !== 'convolution') continue;
    /** The node behind, unless a later convolution has it. */
    const behind = (at: number): number | undefined => {
      const reader = readers[at];
      return reader !== undefined && !changes.has(reader) ? reader : undefined;
    };
    const sum = node.inputs.length === 3 ? behind(index) : undefined;
    const residual = otherOperand(graph, sum, index, ['elementwiseAdd', 'broadcastAdd']);
    const summed = residual ? sum! : index;
    const activation = behind(summed);
    const slope = activationSlope(graph, activation);
    const last = slope === undefined ? summed : activation!;
    if (last === index) continue;
    changes.set(index, undefined).set(summed, undefined);
    changes.set(last, {
      ...node,
      name: graph.nodes[last]!.name,
      operator: 'fusedConvolution',
      attributes: { ...node.attributes, slope: slope ?? 1 },
      inputs: residual ? [...node.inputs, residual] : node.inputs,
    });
  }
  return replaceNodes(graph, changes);
}
