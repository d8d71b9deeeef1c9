/**
 * concat: tensors one behind the other along one axis.
 *
 * Formula  out[…, S₀ + … + S₍ₖ₋₁₎ + i, …] = input_k[…, i, …] for inputs with S₀, S₁, … elements on the axis
 * Source   MXNet Concat (its `dim` is the axis); stacks the two images and the levels of FlowNet.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, stridesOf } from '../tensor/shape.ts';
import { checkAxis } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { sliceAxis } from './slice-axis.ts';
import { copyElements, rowMajor } from './strided.ts';
import { unlessEmpty } from './unless-empty.ts';

export interface ConcatAttributes {
  /** The axis that grows. Negative counts from the back. Default 1, the channels. */
  readonly axis?: number;
}

export const concatOperator: Operator<readonly string[], ConcatAttributes> = {
  name: 'concat',
  inputs: [],
  outputs: ['output'],
  defaults: { axis: 1 },

  shape(inputs, { axis }) {
    const first = inputs[0]!;
    const grown = checkAxis('concat', axis, first.length);
    let size = 0;
    inputs.forEach((input, k) => {
      if (input.length !== first.length || input.some((s, a) => a !== grown && s !== first[a])) {
        throw new ShapeError(
          `concat: input ${k} is ${formatShape(input)}, expected the sizes of input 0 (${formatShape(first)}) on all axes but axis ${axis}`,
        );
      }
      size += input[grown]!;
    });
    return [first.with(grown, size)];
  },

  forward([out], inputs, { axis }) {
    const grown = checkAxis('concat', axis, out.shape.length);
    const strides = stridesOf(out.shape);
    let offset = 0;
    for (const { shape, data } of inputs) {
      copyElements(shape, out.data, { offset, strides }, data, rowMajor(shape));
      offset += shape[grown]! * strides[grown]!;
    }
  },

  gradient([head], inputs, _, { axis }) {
    const grown = checkAxis('concat', axis, head.shape.length);
    let end = 0;
    return inputs.map((input) => {
      const begin = end;
      end += input.shape[grown]!;
      const stretch = { axis: grown, begin, end };
      return unlessEmpty(input, () => sliceAxis(head, stretch));
    });
  },
};

/**
 * The tensors in order, joined along an axis. All other sizes are equal.
 *
 * @throws ShapeError when other sizes differ
 * @example concat([currentImage, keyImage]) // 1×3×H×W twice gives 1×6×H×W
 */
export function concat<V extends Value>(values: readonly V[], attributes: ConcatAttributes = {}): V {
  return apply(concatOperator, values, attributes)[0];
}
