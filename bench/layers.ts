/** The distinct convolutions of a graph: what a network spends its time on. */
import { type Graph, shapeOf } from '../src/graph/index.ts';
import { type ConvolutionAttributes, convolutionOperator } from '../src/ops/index.ts';
import { formatShape, type Shape } from '../src/tensor/index.ts';

export interface Layer {
  /** The first node of this shape. */
  readonly name: string;
  /** How many nodes have it. */
  readonly count: number;
  readonly data: Shape;
  readonly weight: Shape;
  readonly attributes: Required<ConvolutionAttributes>;
  /** Of one such node. */
  readonly multiplyAdds: number;
}

/** Convolutions by shape and attributes, in the order of the graph. */
export function convolutionLayers(graph: Graph): Layer[] {
  const layers = new Map<string, Layer>();
  for (const node of graph.nodes) {
    if (node.operator !== convolutionOperator.name) continue;
    const [data, weight] = node.inputs.map((ref) => shapeOf(graph, ref));
    const attributes = node.attributes as unknown as Required<ConvolutionAttributes>;
    const key = `${formatShape(data!)} ${formatShape(weight!)} ${JSON.stringify(attributes)}`;
    const known = layers.get(key);
    const multiplyAdds = convolutionOperator.multiplyAdds!([data!, weight!, undefined], attributes);
    const layer = { name: node.name, data: data!, weight: weight!, attributes, multiplyAdds };
    layers.set(key, { ...layer, ...known, count: (known?.count ?? 0) + 1 });
  }
  return [...layers.values()];
}
