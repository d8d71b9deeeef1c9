/** A graph as ONNX has it: every value named, every node written down, weights as initializers. */
import {
  type Graph,
  lookUp,
  type ParameterSource,
  type Port,
  shapeOf,
  type ValueRef,
} from '../graph/index.ts';
import { encodeElements } from '../tensor/elements.ts';
import { elementCount } from '../tensor/shape.ts';
import { cast } from '../tensor/tensor.ts';
import type { Converter } from './converter.ts';
import type { OnnxGraph, OnnxInitializer, OnnxNode, OnnxValue } from './model.ts';
import { nameValues, uniqueNames } from './names.ts';
import { type FreeNames, identity, writeNode } from './write-node.ts';

const FLOAT32_BYTES = 4;

/**
 * Every node must have a converter, and somebody who reads it.
 *
 * @param parameters looked up when their bytes are written
 */
export function writeGraph(
  graph: Graph,
  parameters: ParameterSource,
  converterOf: (operator: string) => Converter,
  name: string,
): OnnxGraph {
  const names = nameValues(graph);
  const free: FreeNames = { ofNode: uniqueNames(), ofValue: names.further };
  const written = graph.nodes.map((node, index) => {
    const toWrite = {
      name: node.name,
      attributes: node.attributes,
      inputs: node.inputs.map((ref) => names.of(ref)!),
      inputShapes: node.inputs.map((ref) => shapeOf(graph, ref)),
      outputs: node.outputs.map((_, output) => names.of({ from: 'node', index, output })),
      outputShapes: node.shapes,
    };
    return writeNode(toWrite, converterOf(node.operator), free);
  });
  const copies = graph.outputs.flatMap(({ value }, k): OnnxNode[] => {
    const [made, wanted] = [names.of(value)!, names.outputs[k]!];
    return made === wanted ? [] : [{ ...identity(made, wanted), name: free.ofNode(wanted) }];
  });
  const weights = graph.parameters.map((port, index) =>
    initializerOf(port, names.of({ from: 'parameter', index })!, parameters),
  );
  return {
    name,
    nodes: [...written.flatMap(({ nodes }) => nodes), ...copies],
    initializers: [...weights, ...written.flatMap(({ initializers }) => initializers)],
    inputs: graph.inputs,
    outputs: graph.outputs.map(({ value }, k) => ({ name: names.outputs[k]!, shape: shapeOf(graph, value) })),
    inner: innerValues(graph, names),
  };
}

/** What nodes compute and hand on, without the outputs of the graph. */
function innerValues(graph: Graph, names: ReturnType<typeof nameValues>): OnnxValue[] {
  const outputs = new Set(names.outputs);
  return graph.nodes.flatMap((node, index) =>
    node.shapes.flatMap((shape, output) => {
      const ref: ValueRef = { from: 'node', index, output };
      const given = names.of(ref);
      return given === undefined || outputs.has(given) ? [] : [{ name: given, shape }];
    }),
  );
}

function initializerOf({ name, shape }: Port, given: string, parameters: ParameterSource): OnnxInitializer {
  return {
    name: given,
    shape,
    type: 'float32',
    data: {
      byteLength: FLOAT32_BYTES * elementCount(shape),
      make: () => encodeElements(cast(lookUp(parameters, name, shape), 'float32').data),
    },
  };
}
