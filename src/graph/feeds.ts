/** What is fed to a graph, checked against its inputs; the numbers may be anywhere. */
import { ParameterError, ShapeError } from '../tensor/errors.ts';
import { elementCount, formatShape, sameShape, type Shape } from '../tensor/shape.ts';
import type { Port } from './graph.ts';

/**
 * What is fed to an input.
 *
 * @throws ParameterError when nothing is, ShapeError when it is of another shape or has another number of elements
 */
export function checkedFeed<T extends { readonly shape: Shape }>(
  feeds: Readonly<Record<string, T>>,
  { name, shape }: Port,
): T {
  const fed = feeds[name];
  if (!fed) throw new ParameterError(`graph: input ${name} (${formatShape(shape)}) was not fed`);
  if (!Array.isArray(fed.shape)) {
    throw new ShapeError(
      `graph: input ${name}: got something without a shape, expected ${formatShape(shape)}; tensor(shape, numbers) makes one`,
    );
  }
  if (sameShape(fed.shape, shape)) {
    checkLength(fed, name);
    return fed;
  }
  const shapes = `got ${formatShape(fed.shape)}, expected ${formatShape(shape)}`;
  throw new ShapeError(`graph: input ${name}: ${shapes}; trace the network again for another size`);
}

/** Numbers made by hand, without `tensor`, may be more or fewer than their shape says. */
function checkLength(fed: { readonly shape: Shape; readonly data?: ArrayLike<number> }, name: string): void {
  const { shape, data } = fed;
  if (data === undefined || data.length === elementCount(shape)) return;
  const counts = `${data.length} numbers for ${formatShape(shape)}, expected ${elementCount(shape)}`;
  throw new ShapeError(`graph: input ${name}: got ${counts}`);
}
