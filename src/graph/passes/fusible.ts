/** What the fusing passes ask of the nodes behind the one they start from. */
import { sameShape } from '../../tensor/shape.ts';
import { type Graph, shapeOf, type ValueRef } from '../graph.ts';

/**
 * The slope with which a fused operator does what an activation does: 0 for relu, that of leakyRelu where it is positive.
 * Undefined for all other nodes: with a slope of 0 leakyRelu makes NaN of −∞, and negative slopes are not fused.
 */
export function activationSlope(graph: Graph, at: number | undefined): number | undefined {
  if (at === undefined) return undefined;
  const { operator, attributes } = graph.nodes[at]!;
  if (operator === 'relu') return 0;
  if (operator !== 'leakyRelu') return undefined;
  const { slope } = attributes as { readonly slope: number };
  return slope > 0 ? slope : undefined;
}

/**
 * What the node at `at` joins with the value of the node at `index`, if it is one of these operators and both have one
 * shape, so that no axis repeats.
 */
export function otherOperand(
  graph: Graph,
  at: number | undefined,
  index: number,
  operators: readonly string[],
): ValueRef | undefined {
  if (at === undefined || !operators.includes(graph.nodes[at]!.operator)) return undefined;
  const other = graph.nodes[at]!.inputs.find((ref) => ref.from !== 'node' || ref.index !== index);
  return other && sameShape(shapeOf(graph, other), graph.nodes[index]!.shapes[0]!) ? other : undefined;
}
