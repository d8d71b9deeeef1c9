/** Gradients in tensors without elements. */
import { elementCount } from '../tensor/shape.ts';
import type { Thunk, Value } from './operator.ts';
import { zerosLike } from './zeros-like.ts';

/**
 * The thunk of a gradient in `data`, asked only where there is one: without elements the answer is an empty tensor of
 * the same shape, for which not every operator has words (a 0 in the shape of a reshape is a code, no size).
 */
export function unlessEmpty<V extends Value>(data: V, gradient: Thunk<V>): Thunk<V> {
  return () => (elementCount(data.shape) === 0 ? zerosLike(data) : gradient());
}
