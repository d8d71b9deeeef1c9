/**
 * averagePoolingGradient: the adjoint of average pooling. Every mean is handed back in equal shares.
 *
 * Formula  out[n,c,y,x] = Σ head[n,c,p,q] / divisor(p, q) over the windows (p, q) that hold (y, x), with the divisor of
 *          the forward pass
 * Source   MXNet Pooling, backward, its native kernel (with MKL-DNN some partial windows are divided by the whole
 *          kernel instead). Sums are added up in float64.
 * NaN      In the head: at every pixel of its window.
 * Letters  N images, C channels, H × W pixels (`height`, `width`), P × Q windows
 */
import { checkChoice, checkInteger, checkShape, nchw } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { pooling } from './pooling.ts';
import {
  averageDivisor,
  type PoolingGeometry,
  poolingGeometry,
  type PoolingWindowAttributes,
  windowExtents,
} from './pooling-geometry.ts';

export interface AveragePoolingGradientAttributes extends PoolingWindowAttributes {
  /** Rows of the data that was pooled. */
  readonly height: number;
  /** Columns of the data that was pooled. */
  readonly width: number;
  /** Whether positions in the declared padding count in the divisor. Default true. */
  readonly countPadding?: boolean;
}

export const averagePoolingGradientOperator: Operator<readonly ['head'], AveragePoolingGradientAttributes> = {
  name: 'averagePoolingGradient',
  inputs: ['head'],
  outputs: ['output'],
  defaults: { stride: 1, pad: 0, convention: 'valid', global: false, countPadding: true },

  shape([head], attributes) {
    checkChoice('averagePoolingGradient', 'convention', attributes.convention, ['valid', 'full']);
    checkInteger('averagePoolingGradient', 'height', attributes.height, 0);
    checkInteger('averagePoolingGradient', 'width', attributes.width, 0);
    const { N, C, H, W, P, Q } = adjointGeometry(head, attributes);
    checkShape('averagePoolingGradient', 'head', head, [N, C, P, Q], 'the shape of the pooling');
    return [[N, C, H, W]];
  },

  forward([out], [head], attributes) {
    const geometry = adjointGeometry(head.shape, attributes);
    const { N, C, H, W } = geometry;
    const { rows, columns } = windowExtents(geometry);
    const totals = new Float64Array(H * W);
    let i = 0; // walks head[n,c,p,q] in order
    for (let map = 0; map < N * C * H * W; map += H * W) {
      totals.fill(0);
      for (const row of rows) {
        for (const column of columns) {
          const share = head.data[i++]! / averageDivisor(row, column, attributes.countPadding);
          for (let y = row.first; y < row.end; y++) {
            for (let x = column.first; x < column.end; x++) totals[y * W + x]! += share;
          }
        }
      }
      out.data.set(totals, map);
    }
  },

  gradient: ([dData], _inputs, _outputs, { height: _height, width: _width, ...attributes }) => [
    () => pooling(dData, { ...attributes, type: 'average' }),
  ],
};

/** The geometry of the pooling that this is the adjoint of. */
function adjointGeometry(
  head: readonly number[],
  attributes: Required<AveragePoolingGradientAttributes>,
): PoolingGeometry {
  const [N, C] = nchw('averagePoolingGradient', 'head', head);
  return poolingGeometry('averagePoolingGradient', [N, C, attributes.height, attributes.width], attributes);
}

/**
 * Gradient of an average pooling in its data, from the gradient `head` (N, C, P, Q) in its output. The attributes are
 * those of the pooling, and the size of its data.
 *
 * @returns (N, C, height, width)
 * @throws ShapeError when `head` has not the shape of the pooling's output
 * @example averagePoolingGradient(head, { kernel: 2, stride: 2, convention: 'full', height: 281, width: 500 })
 */
export function averagePoolingGradient<V extends Value>(
  head: V,
  attributes: AveragePoolingGradientAttributes,
): V {
  return apply(averagePoolingGradientOperator, [head], attributes)[0];
}
