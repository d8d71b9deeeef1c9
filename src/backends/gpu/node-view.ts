/** Nodes as kernels see them: shapes, attributes, and the packed layouts that all readers of a value agree on. */
import { type Graph, type Node, shapeOf, type ValueRef } from '../../graph/index.ts';
import type { Shape } from '../../tensor/shape.ts';
import { keyOf } from '../value-key.ts';
import type { Capabilities, GpuOperator, NodeView } from './kernel.ts';
import { type PackedLayout, packedLayout } from './layout.ts';

/** What leaves the graph may be read by any other. A warp, which reads one image, wants a pixel around it. */
const borderOfOutput = ([images]: Shape): number => (images === 1 ? 1 : 0);

/** Views of all nodes. `operatorOf` finds the kernels of a node, where there are any. */
export function nodeViews(
  graph: Graph,
  capabilities: Capabilities,
  operatorOf: (node: Node) => GpuOperator | undefined,
): NodeView[] {
  const borders = new Map<string, number>();
  const layouts = new Map<string, PackedLayout | undefined>();
  const sections = new Map<string, number>();
  const widen = (ref: ValueRef, border: number): void => {
    const key = keyOf(ref);
    borders.set(key, Math.max(borders.get(key) ?? 0, border));
  };
  const layoutOf = (ref: ValueRef): PackedLayout | undefined => {
    const key = keyOf(ref);
    if (!capabilities.packed) return undefined;
    if (!layouts.has(key)) {
      const border = borders.get(key) ?? 0;
      const layout = packedLayout(shapeOf(graph, ref), border, capabilities.maxSide, sections.get(key));
      layouts.set(key, layout);
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
  for (const { value } of graph.outputs) widen(value, borderOfOutput(shapeOf(graph, value)));
  for (const [index, node] of graph.nodes.entries()) {
    const view = views[index]! as NodeView<never>;
    node.inputs.forEach((ref, k) => widen(ref, operatorOf(node)?.border?.(view, k) ?? 0));
  }
  for (const [key, wanted] of sectionsWanted(graph, views, operatorOf)) sections.set(key, wanted);
  return views;
}

/** Into how many sections the channels of a value are sorted: those whose readers all want that, and whose maker can. */
function sectionsWanted(
  graph: Graph,
  views: readonly NodeView[],
  operatorOf: (node: Node) => GpuOperator | undefined,
): ReadonlyMap<string, number> {
  const wanted = new Map<string, number>();
  const want = (ref: ValueRef, sections: number): void => {
    const key = keyOf(ref);
    wanted.set(key, (wanted.get(key) ?? sections) === sections ? sections : 1);
  };
  for (const { value } of graph.outputs) want(value, 1);
  for (const [index, node] of graph.nodes.entries()) {
    const operator = operatorOf(node);
    node.inputs.forEach((ref, k) =>
      want(ref, operator?.sections?.(views[index]! as NodeView<never>, k) ?? 1),
    );
    if (!operator?.sorts) node.shapes.forEach((_, output) => want({ from: 'node', index, output }, 1));
  }
  return wanted;
}
