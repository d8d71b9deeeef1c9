/**
 * fuseWarp: positions from a flow, the samples read there and the scale that multiplies them become one node.
 *
 *   bilinearSampler(data, gridGenerator(flow)) · scale  →  fusedWarp(data, flow, scale)
 *
 * Neither the grid nor the unscaled samples are stored. The scale may be missing. Not fused: values that others read or
 * that are outputs, flows of another size than the data, and scales that repeat axes.
 */
import { sameShape } from '../../tensor/shape.ts';
import { type Graph, type Node, shapeOf, type ValueRef } from '../graph.ts';
import { otherOperand } from './fusible.ts';
import { replaceNodes, soleReaders } from './rewrite.ts';

/** The graph with fused warps, each under the name of the last node that it stands for. */
export function fuseWarp(graph: Graph): Graph {
  const readers = soleReaders(graph);
  const changes = new Map<number, Node | undefined>();
  graph.nodes.forEach((grid, index) => {
    const sampler = readers[index];
    if (grid.operator !== 'gridGenerator' || sampler === undefined) return;
    const data = sampledData(graph, sampler, index);
    if (!data) return;
    const reader = readers[sampler];
    const product = reader === undefined || changes.has(reader) ? undefined : reader; // the first of two warps has it
    const scale = otherOperand(graph, product, sampler, ['elementwiseMul', 'broadcastMul']);
    const last = scale ? product! : sampler;
    const { name, shapes } = graph.nodes[last]!;
    const inputs = [data, grid.inputs[0]!, ...(scale ? [scale] : [])];
    changes.set(index, undefined).set(sampler, undefined);
    changes.set(last, {
      name,
      operator: 'fusedWarp',
      attributes: {},
      inputs,
      outputs: ['output'],
      shapes,
    });
  });
  return replaceNodes(graph, changes);
}

/** What the node at `sampler` reads at the positions of the node at `grid`, if it does and both have one size. */
function sampledData(graph: Graph, sampler: number, grid: number): ValueRef | undefined {
  const { operator, inputs } = graph.nodes[sampler]!;
  const [data, positions] = inputs;
  if (operator !== 'bilinearSampler' || !data) return undefined;
  if (positions?.from !== 'node' || positions.index !== grid) return undefined;
  const [sampled, flow] = [data, positions].map((ref) => shapeOf(graph, ref).slice(2));
  return sameShape(sampled!, flow!) ? data : undefined;
}
