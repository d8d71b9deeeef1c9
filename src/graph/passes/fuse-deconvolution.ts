/**
 * fuseDeconvolution: a deconvolution, the crop behind it and the activation behind that become one node.
 *
 *   leakyRelu(crop(deconvolution(data, weight, bias), like, offset))
 *     →  fusedDeconvolution(data, weight, bias, offset, size of like, slope)
 *
 * The border is not computed, the rest is written once, and nothing waits for `like` any more, of which only the size was
 * wanted. Crop or activation may be missing. Not fused: values that others read or that are outputs.
 */
import type { Graph, Node } from '../graph.ts';
import { activationSlope } from './fusible.ts';
import { replaceNodes, soleReaders } from './rewrite.ts';

/** The graph with fused deconvolutions, each under the name of the last node that it stands for. */
export function fuseDeconvolution(graph: Graph): Graph {
  const readers = soleReaders(graph);
  const changes = new Map<number, Node | undefined>();
  graph.nodes.forEach((node, index) => {
    if (node.operator !== 'deconvolution') return;
    const crop = isCropOf(graph, readers[index], index) ? readers[index]! : undefined;
    const cut = crop ?? index;
    const activation = readers[cut];
    const slope = activationSlope(graph, activation);
    const last = slope === undefined ? cut : activation!;
    if (last === index) return;
    const { name, shapes } = graph.nodes[last]!;
    const offset = crop === undefined ? 0 : graph.nodes[crop]!.attributes['offset'];
    changes.set(index, undefined).set(cut, undefined);
    changes.set(last, {
      ...node,
      name,
      operator: 'fusedDeconvolution',
      attributes: { ...node.attributes, offset, size: shapes[0]!.slice(2), slope: slope ?? 1 },
      shapes,
    });
  });
  return replaceNodes(graph, changes);
}

/** Whether a node cuts a window from the node at `index`, rather than asking it for a size. */
function isCropOf(graph: Graph, crop: number | undefined, index: number): boolean {
  if (crop === undefined || graph.nodes[crop]!.operator !== 'crop') return false;
  const [data] = graph.nodes[crop]!.inputs;
  return data?.from === 'node' && data.index === index;
}
