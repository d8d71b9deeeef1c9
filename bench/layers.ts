/** The distinct convolutions of a graph: what a network spends its time on. */
import { type Graph, shapeOf } from '../src/graph/index.ts';
import {
  type ConvolutionAttributes,
  convolutionOperator,
  type DeconvolutionAttributes,
  deconvolutionOperator,
} from '../src/ops/index.ts';
import { formatShape, type Shape } from '../src/tensor/index.ts';

export interface Layer<Attributes = Required<ConvolutionAttributes>> {
  /** The first node of this shape. */
  readonly name: string;
  /** Where that node is in the graph. */
  readonly index: number;
  /** How many nodes have it. */
  readonly count: number;
  readonly data: Shape;
  readonly weight: Shape;
  readonly attributes: Attributes;
  /** Of one such node. */
  readonly multiplyAdds: number;
}

/** Convolutions by shape and attributes, in the order of the graph. */
export function convolutionLayers(graph: Graph): Layer[] {
  return distinct<Required<ConvolutionAttributes>>(graph, convolutionOperator);
}

/** Deconvolutions likewise. */
export function deconvolutionLayers(graph: Graph): Layer<Required<DeconvolutionAttributes>>[] {
  return distinct<Required<DeconvolutionAttributes>>(graph, deconvolutionOperator);
}

interface Counted<Attributes> {
  readonly name: string;
  readonly multiplyAdds?: (
    inputs: readonly [Shape, Shape, undefined],
    attributes: Required<Attributes>,
  ) => number;
}

function distinct<Attributes extends object>(
  graph: Graph,
  operator: Counted<Attributes>,
): Layer<Required<Attributes>>[] {
  const layers = new Map<string, Layer<Required<Attributes>>>();
  graph.nodes.forEach((node, index) => {
    if (node.operator !== operator.name) return;
    const [data, weight] = node.inputs.map((ref) => shapeOf(graph, ref));
    const attributes = node.attributes as unknown as Required<Attributes>;
    const key = `${formatShape(data!)} ${formatShape(weight!)} ${JSON.stringify(attributes)}`;
    const known = layers.get(key);
    const multiplyAdds = operator.multiplyAdds!([data!, weight!, undefined], attributes);
    const layer = { name: node.name, index, data: data!, weight: weight!, attributes, multiplyAdds };
    layers.set(key, { ...layer, ...known, count: (known?.count ?? 0) + 1 });
  });
  return [...layers.values()];
}
