/**
 * removeViews: take out the nodes that hand on their input unchanged, and read through reshapes of reshapes.
 *
 * Such nodes are the same elements in the same order in the same shape: reshapes to the shape that is there, slices that
 * keep everything, joins of one value, gradient stops where nothing is learned. A node whose value is an output of the
 * graph stays, so that outputs are values of their own and keep their names.
 *
 * A reshape of a reshape reads what that one read; the one that is passed over is left to deadCode where nobody else
 * reads it.
 */
import type { OperatorName } from '../../ops/index.ts';
import { elementCount, sameShape } from '../../tensor/shape.ts';
import { type Graph, type Node, shapeOf, type ValueRef } from '../graph.ts';
import { moveReferences, replaceNodes } from './rewrite.ts';

const always = (): boolean => true;

/** Operators that copy their first input whenever input and output have one shape and, for some, a condition holds. */
const copies: Partial<Record<OperatorName, (node: Node) => boolean>> = {
  blockGrad: always,
  broadcastTo: always,
  concat: ({ inputs }) => inputs.length === 1,
  crop: always,
  embed: always,
  reshape: always,
  slice: ({ attributes }) => !(attributes['step'] as readonly (number | null)[]).some((step) => step! < 0),
  sliceAxis: always,
  sliceChannel: ({ shapes }) => shapes.length === 1,
  tile: always,
  tileAs: always,
  transpose: ({ attributes, shapes }) =>
    keepsOrder(attributes['axes'] as readonly number[], shapes[0]!.length),
};

/** Whether a transposition leaves every axis where it is. Without axes it reverses them. */
function keepsOrder(axes: readonly number[], rank: number): boolean {
  return rank < 2 || (axes.length > 0 && axes.every((axis, k) => (axis + rank) % rank === k));
}

/** The graph without nodes that change nothing; the graph itself where there are none. */
export function removeViews(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.flatMap(({ value }) => (value.from === 'node' ? [value.index] : [])));
  const sources = new Map<number, ValueRef>(); // of nodes that are taken out: what is read in their place
  const origins = new Map<number, ValueRef>(); // of reshapes: the value before the first of them
  const changes = new Map<number, Node | undefined>();
  const move = (ref: ValueRef): ValueRef => (ref.from === 'node' ? sources.get(ref.index) : undefined) ?? ref;
  graph.nodes.forEach((node, index) => {
    const input = move(node.inputs[0]!);
    const before =
      node.operator === 'reshape' && input.from === 'node' ? origins.get(input.index) : undefined;
    const source = before ?? input;
    if (node.operator === 'reshape') origins.set(index, source);
    if (!outputs.has(index) && isCopy(node) && sameShape(shapeOf(graph, source), node.shapes[0]!)) {
      sources.set(index, source);
      changes.set(index, undefined);
    } else if (before && elementCount(node.shapes[0]!) > 0) {
      // A size of 0 would be one of reshape's codes.
      changes.set(index, {
        ...node,
        attributes: { shape: node.shapes[0]!, reverse: false },
        inputs: [source],
      });
    }
  });
  return changes.size === 0 ? graph : replaceNodes(moveReferences(graph, move), changes);
}

/** Whether a node copies its first input if both have one shape. */
function isCopy(node: Node): boolean {
  const { operator } = node;
  return Object.hasOwn(copies, operator) && copies[operator as OperatorName]!(node);
}
