/**
 * scatterRows: rows added up where indices say, in a tensor of zeros.
 *
 * Formula  out[r, j…] = Σ data[i…, j…] over all i… with indices[i…] = r, added up in float64
 *          An index loses its fraction and is limited to the rows there are, as in take.
 * Source   the gradient of MXNet take on axis 0, mode clip: the adjoint of take.
 * NaN      An index that is NaN is row 0.
 */
import { ShapeError } from '../tensor/errors.ts';
import { elementCount, formatShape, sameShape } from '../tensor/shape.ts';
import { checkInteger } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { rowOf } from './row-index.ts';
import { take } from './take.ts';

export interface ScatterRowsAttributes {
  /** Rows of the result, at least one unless there are no indices. */
  readonly rows: number;
}

export const scatterRowsOperator: Operator<readonly ['data', 'indices'], ScatterRowsAttributes> = {
  name: 'scatterRows',
  inputs: ['data', 'indices'],
  outputs: ['output'],
  defaults: {},

  shape([data, indices], { rows }) {
    checkInteger('scatterRows', 'rows', rows, elementCount(indices) > 0 ? 1 : 0);
    if (!sameShape(data.slice(0, indices.length), indices)) {
      throw new ShapeError(
        `scatterRows: data is ${formatShape(data)}, expected the axes of indices (${formatShape(indices)}) in front`,
      );
    }
    return [[rows, ...data.slice(indices.length)]];
  },

  forward([out], [data, indices], { rows }) {
    const length = elementCount(out.shape.slice(1));
    const totals = new Float64Array(out.data.length);
    indices.data.forEach((index: number, i: number) => {
      const start = rowOf(index, rows) * length;
      for (let j = 0; j < length; j++) totals[start + j]! += data.data[i * length + j]!;
    });
    out.data.set(totals);
  },

  gradient: ([head], [, indices]) => [() => take(head, indices), null],
};

/**
 * A tensor of `rows` rows; row r is the sum of those rows of the data whose index is r.
 *
 * @throws ShapeError when the data does not start with the axes of the indices
 * @example scatterRows(head, indices, { rows: 2 }) // the gradient in `a` of take(a, indices)
 */
export function scatterRows<V extends Value>(data: V, indices: V, attributes: ScatterRowsAttributes): V {
  return apply(scatterRowsOperator, [data, indices], attributes)[0];
}
