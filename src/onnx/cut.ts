/** cut: end a graph before the operators that have no ONNX form. */
import {
  deadCode,
  type Graph,
  type GraphOutput,
  nameOf,
  type Node,
  removeUnusedInputs,
  type ValueRef,
} from '../graph/index.ts';
import { UnsupportedOpError } from '../tensor/errors.ts';
import { keyOf, uniqueNames } from './names.ts';
import { hasOnnxForm } from './operators/table.ts';

/** A node that could not be exported. */
export interface RefusedNode {
  readonly name: string;
  readonly operator: string;
}

export interface CutGraph {
  readonly graph: Graph;
  /** The nodes that the graph ends before, in order; those after them are not listed. */
  readonly cutAt: readonly RefusedNode[];
}

/**
 * The part of a graph that comes before the nodes which cannot be exported. Values that the missing part reads become
 * outputs, under their own names. Outputs that depend on it are gone, and so are those that only pass an input through,
 * and inputs that nothing reads any more.
 *
 * @param canExport whether an operator can be exported. Default: whether it has an ONNX form
 * @throws UnsupportedOpError when nothing is left
 * @example const { graph, parameters } = optimize(cutGraph(officialGraph('key', configuration, size)).graph)
 */
export function cutGraph(graph: Graph, canExport: (operator: string) => boolean = hasOnnxForm): CutGraph {
  const needed = deadCode(graph);
  const missing = missingNodes(needed, canExport);
  if (missing.size === 0) return { graph: needed, cutAt: [] };
  const isLeft = (ref: ValueRef): boolean => ref.from === 'node' && !missing.has(ref.index);
  const outputs = needed.outputs.filter(({ value }) => isLeft(value));
  const handedOut = new Set(outputs.map(({ value }) => keyOf(value)));
  const cutAt: Node[] = [];
  for (const index of missing) {
    const node = needed.nodes[index]!;
    if (!canExport(node.operator)) cutAt.push(node);
    for (const value of node.inputs) {
      if (!isLeft(value) || handedOut.has(keyOf(value))) continue;
      handedOut.add(keyOf(value));
      outputs.push({ name: nameOf(needed, value), value });
    }
  }
  if (outputs.length === 0) throw refusal(cutAt[0]!, NOTHING_LEFT);
  return {
    graph: removeUnusedInputs(deadCode({ ...needed, outputs: withDifferentNames(outputs) })),
    cutAt: cutAt.map(({ name, operator }) => ({ name, operator })),
  };
}

/** Places of the nodes that cannot be exported, and of all that depend on them. */
function missingNodes(graph: Graph, canExport: (operator: string) => boolean): ReadonlySet<number> {
  const missing = new Set<number>();
  graph.nodes.forEach(({ operator, inputs }, index) => {
    if (!canExport(operator) || inputs.some((ref) => ref.from === 'node' && missing.has(ref.index))) {
      missing.add(index);
    }
  });
  return missing;
}

/** Nodes may share a name, outputs may not; those that were outputs before come first and keep theirs. */
function withDifferentNames(outputs: readonly GraphOutput[]): readonly GraphOutput[] {
  const unique = uniqueNames();
  return outputs.map(({ name, value }) => ({ name: unique(name), value }));
}

/** @throws UnsupportedOpError naming the first node that cannot be exported, if there is one */
export function checkExportable(graph: Graph, canExport: (operator: string) => boolean): void {
  const odd = graph.nodes.find(({ operator }) => !canExport(operator));
  if (!odd) return;
  const read = odd.inputs.filter(({ from }) => from === 'node').map((ref) => nameOf(graph, ref));
  const ends = `{ cut: true } (dff export --cut) ends the graph before it and hands out ${read.join(', ')}`;
  throw refusal(odd, read.length > 0 ? ends : NOTHING_LEFT);
}

const NOTHING_LEFT = 'no part of the graph comes before it';

function refusal({ name, operator }: Node, hint: string): UnsupportedOpError {
  return new UnsupportedOpError(`exportOnnx: node ${name} is a ${operator}, which has no ONNX form; ${hint}`);
}
