/**
 * Parameters reach a network through an argument, never through a global: while it is traced, asking for one declares
 * a port of the graph; when it runs on tensors, asking for one looks it up in a checkpoint.
 */
import type { Value } from '../ops/operator.ts';
import { ParameterError } from '../tensor/errors.ts';
import { elementCount, formatShape, sameShape, type Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What a network asks for its weights. */
export interface Parameters<V extends Value> {
  /** The parameter of an official name, of exactly this shape. */
  get(name: string, shape: Shape): V;
}

/** Anything that knows tensors by name: a `Map`, an opened checkpoint. */
export interface ParameterSource {
  get(name: string): Tensor | undefined;
}

/** Looks a parameter up. @throws ParameterError when it is missing, of another shape or of another number of elements */
export function lookUp(source: ParameterSource, name: string, shape: Shape): Tensor {
  const found = source.get(name);
  if (!found) {
    throw new ParameterError(
      `parameter ${name} (${formatShape(shape)}) is missing; is this checkpoint for another network?`,
    );
  }
  if (sameShape(found.shape, shape)) {
    if (found.data.length === elementCount(shape)) return found;
    throw new ParameterError(
      `parameter ${name}: got ${found.data.length} numbers for ${formatShape(shape)}, expected ${elementCount(shape)}`,
    );
  }
  const shapes = `got ${formatShape(found.shape)}, expected ${formatShape(shape)}`;
  throw new ParameterError(`parameter ${name}: ${shapes}; is this checkpoint for another network?`);
}

/** The parameters of an eager run: those of a checkpoint, checked as they are asked for. */
export function checkpointParameters(source: ParameterSource): Parameters<Tensor> {
  return { get: (name, shape) => lookUp(source, name, shape) };
}
