/**
 * tileAs: repeat one image as often as another batch has images.
 *
 * Formula  data_tiled[n, …] = data_content[0, …] for n < N
 * Source   The official custom operator `tile_as`: the batch graph brings the key frame to the size of its followers.
 * Gradient None is passed on, by decision of the official operator: not the derivative, which would be a sum.
 * Letters  N images of data_shape, whose numbers and other axes do not matter
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const tileAsOperator: Operator<
  readonly ['data_content', 'data_shape'],
  object,
  readonly ['data_tiled']
> = {
  name: 'tileAs',
  inputs: ['data_content', 'data_shape'],
  outputs: ['data_tiled'],
  defaults: {},

  shape([content, like]) {
    if (content[0] !== 1) {
      throw new ShapeError(`tileAs: data_content is ${formatShape(content)}, expected one image (1x…)`);
    }
    if (like.length === 0) throw new ShapeError('tileAs: data_shape is a scalar, expected a batch');
    return [content.with(0, like[0]!)];
  },

  forward([out], [content]) {
    for (let start = 0; start < out.data.length; start += content.data.length)
      out.data.set(content.data, start);
  },

  gradient: () => [null, null],
};

/**
 * One image (1, …) repeated along the batch axis: as many times as `dataShape` has images.
 *
 * @throws ShapeError when `dataContent` has other than one image
 * @example tileAs(keyFeature, otherFrames)
 */
export function tileAs<V extends Value>(dataContent: V, dataShape: V): V {
  return apply(tileAsOperator, [dataContent, dataShape], {})[0];
}
