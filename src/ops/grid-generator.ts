/**
 * gridGenerator: a flow field in pixels becomes the normalised positions that bilinearSampler reads.
 *
 * Formula  grid[n,0,y,x] = (flow[n,0,y,x] + x) / ((W − 1) / 2) − 1
 *          grid[n,1,y,x] = (flow[n,1,y,x] + y) / ((H − 1) / 2) − 1
 *          Channel 0 points right, channel 1 down. −1 is the centre of the first pixel, +1 that of the last.
 * Source   MXNet GridGenerator with transform_type warp; in float32 each step is rounded, as there.
 * Edges    A single row or column has no such coordinates (the formula divides by 0; MXNet gives NaN), so it is refused.
 * NaN      At that element.
 * Letters  N images, H × W positions
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import { nchw } from './checks.ts';
import { concat } from './concat.ts';
import { divScalar } from './div-scalar.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { rounding } from './rounding.ts';
import { sliceChannel } from './slice-channel.ts';

export const gridGeneratorOperator: Operator<readonly ['data']> = {
  name: 'gridGenerator',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape([data]) {
    const [, channels, H, W] = nchw('gridGenerator', 'data', data);
    if (channels !== 2) {
      throw new ShapeError(`gridGenerator: data has ${channels} channels, expected 2 (right, down)`);
    }
    if (H === 1 || W === 1) {
      const got = `data is ${formatShape(data)}`;
      throw new ShapeError(
        `gridGenerator: ${got}, expected at least two rows and two columns; a larger image gives a larger map`,
      );
    }
    return [data];
  },

  forward([out], [data]) {
    const [N, , H, W] = nchw('gridGenerator', 'data', data.shape);
    const round = rounding(data.dtype);
    let i = 0; // walks data[n,axis,y,x] in order
    for (let n = 0; n < N; n++) {
      for (const axis of [0, 1]) {
        const half = ((axis === 0 ? W : H) - 1) / 2;
        for (let y = 0; y < H; y++) {
          for (let x = 0; x < W; x++, i++) {
            const position = round(data.data[i]! + (axis === 0 ? x : y));
            out.data[i] = round(position / half) - 1;
          }
        }
      }
    }
  },

  gradient([head], [data]) {
    const [, , H, W] = nchw('gridGenerator', 'data', data.shape);
    return [
      () => {
        const [right, down] = sliceChannel(head, { outputs: 2 });
        return concat([divScalar(right!, (W - 1) / 2), divScalar(down!, (H - 1) / 2)]);
      },
    ];
  },
};

/**
 * Sampling positions, between −1 and 1 inside the map, for a flow (N, 2, H, W) in pixels of that map.
 *
 * @returns (N, 2, H, W): horizontal, then vertical position
 * @throws ShapeError when the flow does not have two channels, or is one pixel high or wide
 * @example bilinearSampler(feature, gridGenerator(flow))
 */
export function gridGenerator<V extends Value>(data: V): V {
  return apply(gridGeneratorOperator, [data], {})[0];
}
