/**
 * take: rows of a tensor, chosen by index.
 *
 * Formula  out[i…, j…] = a[r, j…] where r = indices[i…], its fraction dropped, then limited to the rows there are
 * Source   MXNet take on axis 0, mode clip; Deep Feature Flow chooses between two features with it in training.
 *          The fraction goes towards zero: −0.5 is row 0, 1.9 is row 1.
 * Gradient The rows of the result are added to the rows they came from; none goes to the indices.
 * NaN      An index that is NaN is row 0.
 */
import { ShapeError } from '../tensor/errors.ts';
import { elementCount, formatShape } from '../tensor/shape.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { rowOf } from './row-index.ts';
import { scatterRows } from './scatter-rows.ts';

export const takeOperator: Operator<readonly ['a', 'indices']> = {
  name: 'take',
  inputs: ['a', 'indices'],
  outputs: ['output'],
  defaults: {},

  shape([a, indices]) {
    const [rows, ...row] = a;
    if (rows === undefined) throw new ShapeError('take: a is scalar, expected at least one axis');
    if (rows === 0 && elementCount(indices) > 0) {
      throw new ShapeError(`take: a is ${formatShape(a)}, which has no rows to choose from`);
    }
    return [[...indices, ...row]];
  },

  forward([out], [a, indices]) {
    const [rows = 0, ...row] = a.shape;
    const length = elementCount(row);
    indices.data.forEach((index: number, i: number) => {
      const start = rowOf(index, rows) * length;
      out.data.set(a.data.subarray(start, start + length), i * length);
    });
  },

  gradient: ([head], [a, indices]) => [() => scatterRows(head, indices, { rows: a.shape[0]! }), null],
};

/**
 * Rows of `a`: the result has the axes of `indices`, followed by those of a row.
 *
 * @throws ShapeError when `a` has no rows
 * @example take(features, tensor([1], [1])) // the second of a batch, as a batch of one
 */
export function take<V extends Value>(a: V, indices: V): V {
  return apply(takeOperator, [a, indices], {})[0];
}
