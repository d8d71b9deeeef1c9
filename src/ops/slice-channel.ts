/**
 * sliceChannel: cut a tensor into equal parts along one axis.
 *
 * Formula  out_k[…, i, …] = data[…, k·S/n + i, …] for S elements on the axis and n outputs
 * Source   MXNet SliceChannel; splits the Deep Feature Flow feature into its RPN half and its R-FCN half.
 */
import { ShapeError } from '../tensor/errors.ts';
import { elementCount, formatShape } from '../tensor/shape.ts';
import { checkAxis, checkInteger } from './checks.ts';
import { concat } from './concat.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { reshape } from './reshape.ts';
import { unlessEmpty } from './unless-empty.ts';

export interface SliceChannelAttributes {
  /** Number of parts. */
  readonly outputs: number;
  /** The axis that is cut. Negative counts from the back. Default 1, the channels. */
  readonly axis?: number;
  /** Drop the axis; each part must then be one element thick. Default false. */
  readonly squeeze?: boolean;
}

export const sliceChannelOperator: Operator<readonly ['data'], SliceChannelAttributes, readonly string[]> = {
  name: 'sliceChannel',
  inputs: ['data'],
  outputs: [],
  defaults: { axis: 1, squeeze: false },

  shape([data], { outputs, axis, squeeze }) {
    checkInteger('sliceChannel', 'outputs', outputs, 1);
    const cut = checkAxis('sliceChannel', axis, data.length);
    const size = data[cut]! / outputs;
    if (!Number.isInteger(size)) {
      throw new ShapeError(
        `sliceChannel: axis ${axis} of ${formatShape(data)} cannot be cut into ${outputs} equal parts`,
      );
    }
    if (squeeze && size !== 1) {
      throw new ShapeError(
        `sliceChannel: squeeze needs parts of size 1 on axis ${axis}, got ${size} (data ${formatShape(data)})`,
      );
    }
    const part = squeeze ? data.toSpliced(cut, 1) : data.with(cut, size);
    return Array.from({ length: outputs }, () => part);
  },

  forward(parts, [data], { outputs, axis }) {
    const cut = checkAxis('sliceChannel', axis, data.shape.length);
    const outer = elementCount(data.shape.slice(0, cut));
    const length = elementCount(data.shape.slice(cut)) / outputs; // contiguous run of one part
    parts.forEach((part, k) => {
      for (let o = 0; o < outer; o++) {
        const start = (o * outputs + k) * length;
        part.data.set(data.data.subarray(start, start + length), o * length);
      }
    });
  },

  gradient: (heads, [data], _, { outputs, axis, squeeze }) => [
    unlessEmpty(data, () => {
      const cut = checkAxis('sliceChannel', axis, data.shape.length);
      const part = data.shape.with(cut, data.shape[cut]! / outputs);
      const parts = squeeze ? heads.map((head) => reshape(head, { shape: part })) : heads;
      return concat(parts, { axis: cut });
    }),
  ],
};

/**
 * The equal parts of a tensor along an axis, in order.
 *
 * @throws ShapeError when the axis does not divide evenly
 * @example const [rpn, rfcn] = sliceChannel(feature, { outputs: 2 })
 */
export function sliceChannel<V extends Value>(data: V, attributes: SliceChannelAttributes): readonly V[] {
  return apply(sliceChannelOperator, [data], attributes);
}
