/**
 * What is measured: the distinct convolutions and deconvolutions of the official networks, each with the bias and the
 * activation behind it. Plain data, so that it can be handed to a page.
 *
 * On a machine that renders in software a layer of billions of multiply-adds takes minutes. Such a layer gets a map of
 * fewer rows and, when four are still too many, fewer columns; its time counts as many times as it was made smaller.
 */
import { type Graph, shapeOf, type ValueRef } from '../../src/graph/index.ts';
import { officialConfiguration, officialGraph } from '../../src/nets/index.ts';
import { convolutionOperator, deconvolutionOperator, type Pair } from '../../src/ops/index.ts';
import type { Shape } from '../../src/tensor/index.ts';
import { convolutionLayers, deconvolutionLayers } from '../layers.ts';

export interface LayerWork {
  /** The first node of this shape. */
  readonly name: string;
  readonly kind: 'convolution' | 'deconvolution';
  /** How many nodes of the network have this shape. */
  readonly count: number;
  readonly data: Shape;
  /** (O, C, I, J); of a deconvolution (C, O, I, J). */
  readonly weight: Shape;
  readonly stride: Pair;
  readonly pad: Pair;
  readonly dilation: Pair;
  /** Factor of negative results: 0 is a ReLU, 1 none. */
  readonly slope: number;
  /** Rows and columns that are cut out of a deconvolution's result, from (1, 1) on. */
  readonly crop?: readonly [rows: number, columns: number];
  /** Of the whole layer. */
  readonly multiplyAdds: number;
  /** Rows and columns of the layer's map; `data` has those that are measured. */
  readonly map: readonly [rows: number, columns: number];
}

export type NetworkPart = 'resnet' | 'flownet' | 'heads';
export const networks: readonly NetworkPart[] = ['resnet', 'flownet', 'heads'];

const size = { height: 562, width: 1000 };
const HEADS = /^r(pn|fcn)_/;
const FEWEST_ROWS = 4;
const FEWEST_COLUMNS = 16;

/** The layers of the residual network with its reduction, of FlowNet, or of the heads, at 562x1000. */
export function layersOf(part: NetworkPart): LayerWork[] {
  const graph = officialGraph(part === 'flownet' ? 'current' : 'key', officialConfiguration, size);
  return layerWork(graph).filter(({ name }) => HEADS.test(name) === (part === 'heads'));
}

/** All distinct convolutions and deconvolutions of a graph, in its order. */
export function layerWork(graph: Graph): LayerWork[] {
  const layers = [
    ...convolutionLayers(graph).map((layer) => ({ ...layer, kind: 'convolution' as const })),
    ...deconvolutionLayers(graph).map((layer) => ({ ...layer, kind: 'deconvolution' as const })),
  ].toSorted((a, b) => a.index - b.index);
  return layers.map(({ index, attributes, ...layer }) => {
    const { groups, stride, pad, dilation } = attributes;
    if (groups !== 1) throw new Error(`${layer.name}: the peers have no groups`);
    const [, , rows, columns] = layer.data as [number, number, number, number];
    return { ...layer, stride, pad, dilation, map: [rows, columns], ...behind(graph, index) };
  });
}

/** Operators between a convolution and its activation. */
const onTheWay = ['batchNorm', 'crop', 'broadcastAdd'];

/** The crop and the activation behind a node. What a sum adds is left out, the activation of the sum is not. */
function behind(graph: Graph, index: number): Pick<LayerWork, 'slope' | 'crop'> {
  let crop: Pick<LayerWork, 'crop'> = {};
  for (let at = index; ;) {
    const reads = ({ from, index }: ValueRef): boolean => from === 'node' && index === at;
    at = graph.nodes.findIndex(({ inputs }) => inputs.some(reads));
    const node = graph.nodes[at];
    if (node?.operator === 'relu') return { slope: 0, ...crop };
    if (node?.operator === 'leakyRelu') return { slope: node.attributes['slope'] as number, ...crop };
    if (!node || !onTheWay.includes(node.operator)) return { slope: 1, ...crop };
    const [, , rows, columns] = shapeOf(graph, { from: 'node', index: at, output: 0 });
    if (node.operator === 'crop') crop = { crop: [rows!, columns!] };
  }
}

/** The layer on as much of its map as a budget of multiply-adds allows, at least four rows of sixteen columns. */
export function reduced(layer: LayerWork, budget: number): LayerWork {
  const [N, C, H, W] = layer.data as [number, number, number, number];
  const rows = fitting(H, FEWEST_ROWS, budget / layer.multiplyAdds);
  const columns = fitting(W, FEWEST_COLUMNS, (budget / layer.multiplyAdds) * (H / rows));
  const cropped = (side: 0 | 1, share: number): number => Math.round(layer.crop![side] * share);
  const crop = layer.crop && { crop: [cropped(0, rows / H), cropped(1, columns / W)] as const };
  return { ...layer, ...crop, data: [N, C, rows, columns] };
}

function fitting(size: number, fewest: number, share: number): number {
  return Math.min(size, Math.max(fewest, Math.floor(size * share)));
}

/** Multiply-adds of what is measured. */
export function measuredMultiplyAdds(layer: LayerWork): number {
  const { kind, data, weight, stride, pad, dilation } = layer;
  const attributes = { stride, pad, dilation, groups: 1 };
  return kind === 'convolution'
    ? convolutionOperator.multiplyAdds!([data, weight, undefined], attributes)
    : deconvolutionOperator.multiplyAdds!([data, weight, undefined], { ...attributes, adjust: 0 });
}
