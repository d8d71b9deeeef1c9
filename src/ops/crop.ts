/**
 * crop: a window of the data as large as another map.
 *
 * Formula  out[n, c, y, x] = data[n, c, y + offset_y, x + offset_x] for the H × W of `like`
 * Source   MXNet Crop with two inputs; cuts the deconvolutions of FlowNet, with offset 1, to the maps they are joined
 *          with. Only the height and width of `like` matter, not its batch, channels or values.
 * Gradient Goes to the window; none goes to `like`.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, stridesOf } from '../tensor/shape.ts';
import { checkPair, nchw, type Pair, pair } from './checks.ts';
import { embed } from './embed.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { copyElements, rowMajor } from './strided.ts';

export interface CropAttributes {
  /** Rows above and columns left of the window. Default 0. */
  readonly offset?: Pair;
}

export const cropOperator: Operator<readonly ['data', 'like'], CropAttributes> = {
  name: 'crop',
  inputs: ['data', 'like'],
  outputs: ['output'],
  defaults: { offset: 0 },

  shape([data, like], { offset }) {
    const [N, C, H, W] = nchw('crop', 'data', data);
    const [, , P, Q] = nchw('crop', 'like', like);
    checkPair('crop', 'offset', offset, 0);
    const [top, left] = pair(offset);
    if (top + P > H || left + Q > W) {
      throw new ShapeError(
        `crop: a ${P}x${Q} window at offset ${top}, ${left} reaches beyond data (data ${formatShape(data)}, like ${formatShape(like)})`,
      );
    }
    return [[N, C, P, Q]];
  },

  forward([out], [data], { offset }) {
    const [top, left] = pair(offset);
    const strides = stridesOf(data.shape);
    const origin = top * strides[2]! + left * strides[3]!;
    copyElements(out.shape, out.data, rowMajor(out.shape), data.data, { offset: origin, strides });
  },

  gradient: ([head], [data], _, { offset }) => [
    () => embed(head, { shape: data.shape, begin: [0, 0, ...pair(offset)] }),
    null,
  ],
};

/**
 * The window of data (N, C, H, W) with the height and width of `like`, starting at `offset`.
 *
 * @throws ShapeError when the window reaches beyond the data
 * @example crop(deconvolution(x, weight, bias, { stride: 2 }), skip, { offset: 1 })
 */
export function crop<V extends Value>(data: V, like: V, attributes: CropAttributes = {}): V {
  return apply(cropOperator, [data, like], attributes)[0];
}
