/** statistics: what a graph costs, per node and in all, without running it. */
import { elementCount } from '../tensor/shape.ts';
import { type Graph, shapeOf } from './graph.ts';
import { lifetimes } from './passes/lifetimes.ts';
import { operatorCalled, type OwnOperators } from './operator-lookup.ts';

export interface NodeStatistics {
  readonly name: string;
  readonly operator: string;
  /** Multiply-adds of convolutions and deconvolutions; nothing else is counted (the paper's convention). */
  readonly multiplyAdds: number;
  /** float32 bytes of the outputs. */
  readonly outputBytes: number;
}

export interface GraphStatistics {
  readonly nodes: readonly NodeStatistics[];
  readonly multiplyAdds: number;
  /** Elements of all parameters. */
  readonly parameterCount: number;
  readonly parameterBytes: number;
  /** float32 bytes of all node outputs together. */
  readonly activationBytes: number;
  /** float32 bytes alive at once, at most, when a value is dropped after its last use. */
  readonly peakActivationBytes: number;
}

const FLOAT32_BYTES = 4;

/** @param own operators of your own that the graph uses, by name */
export function statistics(graph: Graph, own?: OwnOperators): GraphStatistics {
  const nodes = graph.nodes.map((node): NodeStatistics => {
    const inputs = node.inputs.map((ref) => shapeOf(graph, ref));
    return {
      name: node.name,
      operator: node.operator,
      multiplyAdds: operatorCalled(node.operator, own).multiplyAdds?.(inputs, node.attributes) ?? 0,
      outputBytes: node.shapes.reduce((sum, shape) => sum + elementCount(shape), 0) * FLOAT32_BYTES,
    };
  });
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const parameterCount = sum(graph.parameters.map(({ shape }) => elementCount(shape)));
  const bytes = nodes.map(({ outputBytes }) => outputBytes);
  return {
    nodes,
    multiplyAdds: sum(nodes.map(({ multiplyAdds }) => multiplyAdds)),
    parameterCount,
    parameterBytes: parameterCount * FLOAT32_BYTES,
    activationBytes: sum(bytes),
    peakActivationBytes: peak(graph, bytes),
  };
}

/** Walks the graph as the interpreter does and notes the largest sum of living values. */
function peak(graph: Graph, bytes: readonly number[]): number {
  const lastUse = lifetimes(graph).map((ends) => Math.max(...ends));
  let [alive, highest] = [0, 0];
  graph.nodes.forEach((_, index) => {
    alive += bytes[index]!;
    highest = Math.max(highest, alive);
    lastUse.forEach((last, made) => {
      if (last === index && made <= index) alive -= bytes[made]!;
    });
  });
  return highest;
}
