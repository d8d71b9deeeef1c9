/** What it takes to export an operator: a function that writes a call of it down as ONNX nodes. */
import type { Shape } from '../tensor/shape.ts';
import type { OnnxAttribute } from './model.ts';

export type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>;

/**
 * One node of our graph, on its way to ONNX. Values are known by names, which `emit` and the constants make up; the last
 * of them take the official names of the node's outputs.
 */
export interface Call<A = never> {
  /** Names of the values that the node reads. */
  readonly inputs: readonly string[];
  readonly inputShapes: readonly Shape[];
  readonly outputShapes: readonly Shape[];
  /** Those of our operator, complete. */
  readonly attributes: Required<A>;
  /** Adds an ONNX node with one output, and gives the name of that. */
  readonly emit: (type: string, inputs: readonly string[], attributes?: OnnxAttributes) => string;
  /** The same for several outputs. */
  readonly emitMany: (
    type: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: OnnxAttributes,
  ) => readonly string[];
  /** An array of float32 in the model. `what` is its part of the name. */
  readonly floats: (what: string, shape: Shape, values: Iterable<number>) => string;
  /** A list of int64 in the model: shapes, axes, positions. */
  readonly integers: (what: string, values: readonly number[]) => string;
}

/** Writes a call down and returns the name of its output, or the names where it has several. */
export type Converter<A = never> = (call: Call<A>) => string | readonly string[];

/** A float32 scalar in the model. */
export function scalar(call: Pick<Call, 'floats'>, what: string, value: number): string {
  return call.floats(what, [], [value]);
}
