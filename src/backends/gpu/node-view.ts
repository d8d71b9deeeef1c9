/** Nodes as kernels see them: shapes, attributes, and the packed layouts that all readers of a value agree on. */
import { type Graph, type Node, shapeOf, type ValueRef } from '../../graph/index.ts';
import type { Capabilities, GpuOperator, NodeView } from './kernel.ts';
import { type PackedLayout, packedLayout } from './layout.ts';

/** A name for a value that two readers of it share. */
export const keyOf = (ref: ValueRef): string =>
  ref.from === 'node' ? `node ${ref.index} ${ref.output}` : `${ref.from} ${ref.index}`;

/** What leaves the graph may be read by any other: a warp wants one pixel around it. */
const BORDER_OF_OUTPUTS = 1;

/** Views of all nodes. `operatorOf` finds the kernels of a node, where there are any. */
export function nodeViews(
  graph: Graph,
  capabilities: Capabilities,
  operatorOf: (node: Node) => GpuOperator | undefined,
): NodeView[] {
  const borders = new Map<string, number>();
  const layouts = new Map<string, PackedLayout | undefined>();
  const widen = (ref: ValueRef, border: number): void => {
    const key = keyOf(ref);
    borders.set(key, Math.max(borders.get(key) ?? 0, border));
  };
  const layoutOf = (ref: ValueRef): PackedLayout | undefined => {
    const key = keyOf(ref);
    if (!capabilities.packed) return undefined;
    if (!layouts.has(key)) {
      layouts.set(key, packedLayout(shapeOf(graph, ref), borders.get(key) ?? 0, capabilities.maxSide));
    }
    return layouts.get(key);
  };
  const views = graph.nodes.map((node, index): NodeView => ({
    name: node.name,
    attributes: node.attributes as never,
    inputs: node.inputs.map((ref) => shapeOf(graph, ref)),
    outputs: node.shapes,
    isParameter: (k) => node.inputs[k]?.from === 'parameter',
    packedInput: (k) => layoutOf(node.inputs[k]!),
    packedOutput: (output) => layoutOf({ from: 'node', index, output }),
    capabilities,
  }));
  for (const { value } of graph.outputs) widen(value, BORDER_OF_OUTPUTS);
  for (const [index, node] of graph.nodes.entries()) {
    const view = views[index]! as NodeView<never>;
    node.inputs.forEach((ref, k) => widen(ref, operatorOf(node)?.border?.(view, k) ?? 0));
  }
  return views;
}
