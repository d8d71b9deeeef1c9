/** exportOnnx: a graph and its weights as an ONNX model, for programs that run those. */
import { deadCode, type Graph, type ParameterSource } from '../graph/index.ts';
import type { OperatorName } from '../ops/index.ts';
import { DffError } from '../tensor/errors.ts';
import type { Converter } from './converter.ts';
import { checkExportable, cutGraph, type RefusedNode } from './cut.ts';
import { modelMessage, type OnnxValue } from './model.ts';
import { onnxOperators } from './operators/table.ts';
import { chunksOf, joined } from './protobuf.ts';
import { writeGraph } from './write-graph.ts';

export interface OnnxOptions {
  /**
   * End the graph before operators that have no ONNX form; what these read becomes outputs. Default false: such a
   * graph is refused.
   */
  readonly cut?: boolean;
  /** What the graph is called in the model. Default `graph`. */
  readonly name?: string;
  /** Texts to keep in the model, e.g. class names. Default none. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** ONNX forms of operators of your own, by name. They go before ours. */
  readonly converters?: Readonly<Record<string, Converter>>;
}

/** A model that is about to be written. */
export interface OnnxModel {
  /** Inputs by name and shape, all float32. */
  readonly inputs: readonly OnnxValue[];
  /** Outputs alike. A name that an input has too, for another value, gets a number. */
  readonly outputs: readonly OnnxValue[];
  /** How many ONNX nodes there are. */
  readonly nodes: number;
  /** Where the graph was cut; empty when it is whole. */
  readonly cutAt: readonly RefusedNode[];
  readonly byteLength: number;
  /**
   * The file, piece by piece. Weights are looked up one after the other as they are reached, and share memory with what
   * was given: nothing is held twice.
   *
   * @throws ParameterError when a weight is missing or of another shape
   */
  chunks(): Iterable<Uint8Array>;
  /** The file in one array. @throws ParameterError as `chunks` does */
  bytes(): Uint8Array;
}

/** Protocol Buffers count bytes in 31 bits. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * A graph in ONNX: opset 16, float32, shapes as traced, nodes and values under their own names.
 *
 * @param parameters by the names that the graph asks for; of an optimized graph those that `optimize` gives
 * @throws UnsupportedOpError when an operator has no ONNX form and the graph is not to be cut
 * @throws DffError when the model would be larger than the format can say (2 GB)
 * @example
 * const { graph, parameters } = optimize(partialGraph('feature', configuration, { height: 562, width: 1000 }));
 * const bytes = exportOnnx(graph, parameters(checkpoint)).bytes();
 */
export function exportOnnx(
  graph: Graph,
  parameters: ParameterSource,
  { cut = false, name = 'graph', metadata = {}, converters = {} }: OnnxOptions = {},
): OnnxModel {
  const converterOf = (operator: string): Converter | null => {
    if (Object.hasOwn(converters, operator)) return converters[operator]!;
    return Object.hasOwn(onnxOperators, operator) ? onnxOperators[operator as OperatorName] : null;
  };
  const canExport = (operator: string): boolean => converterOf(operator) !== null;
  const { graph: exported, cutAt } = cut ? cutGraph(graph, canExport) : { graph: deadCode(graph), cutAt: [] };
  checkExportable(exported, canExport);
  const written = writeGraph(exported, parameters, (operator) => converterOf(operator)!, name);
  const model = modelMessage(written, metadata);
  if (model.byteLength > MOST_BYTES) {
    throw new DffError(`exportOnnx: the model has ${model.byteLength} bytes, ONNX files have less than 2 GB`);
  }
  return {
    inputs: written.inputs,
    outputs: written.outputs,
    nodes: written.nodes.length,
    cutAt,
    byteLength: model.byteLength,
    chunks: () => chunksOf(model),
    bytes: () => joined(chunksOf(model), model.byteLength),
  };
}
