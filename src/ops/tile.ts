/**
 * tile: the data repeated along its axes.
 *
 * Formula  out[i, j, …] = data[i mod S₀, j mod S₁, …] with sizes S₀ · reps₀, S₁ · reps₁, …
 * Source   MXNet tile. Where data and reps differ in length, the shorter gets ones in front.
 */
import { type Shape, stridesOf } from '../tensor/shape.ts';
import { checkInteger } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { reshape } from './reshape.ts';
import { copyElements, rowMajor } from './strided.ts';
import { sum } from './sum.ts';
import { unlessEmpty } from './unless-empty.ts';

export interface TileAttributes {
  /** How often each axis is repeated, at least once. */
  readonly reps: readonly number[];
}

/** Sizes and repetitions, one of each per axis of the result. */
function aligned(data: Shape, reps: readonly number[]): { sizes: number[]; times: number[] } {
  const rank = Math.max(data.length, reps.length);
  const padded = (list: readonly number[]): number[] => [
    ...new Array<number>(rank - list.length).fill(1),
    ...list,
  ];
  return { sizes: padded(data), times: padded(reps) };
}

export const tileOperator: Operator<readonly ['data'], TileAttributes> = {
  name: 'tile',
  inputs: ['data'],
  outputs: ['output'],
  defaults: {},

  shape([data], { reps }) {
    reps.forEach((times, axis) => checkInteger('tile', `reps[${axis}]`, times, 1));
    const { sizes, times } = aligned(data, reps);
    return [sizes.map((size, axis) => size * times[axis]!)];
  },

  // Each axis of the result is walked as two: which repetition (stride 0 in the data), and where in it.
  forward([out], [data], { reps }) {
    const { sizes, times } = aligned(data.shape, reps);
    const strides = stridesOf(sizes);
    const walked = sizes.flatMap((size, axis) => [times[axis]!, size]);
    copyElements(walked, out.data, rowMajor(walked), data.data, {
      offset: 0,
      strides: strides.flatMap((stride) => [0, stride]),
    });
  },

  // Each repeated axis is taken apart again, and the repetitions are added up.
  gradient: ([head], [data], _, { reps }) => [
    unlessEmpty(data, () => {
      const { sizes, times } = aligned(data.shape, reps);
      const walked = sizes.flatMap((size, axis) => [times[axis]!, size]);
      const repeated = times.flatMap((count, axis) => (count > 1 ? [2 * axis] : []));
      const apart = reshape(head, { shape: walked });
      return reshape(repeated.length > 0 ? sum(apart, { axes: repeated }) : apart, { shape: data.shape });
    }),
  ],
};

/**
 * The data, repeated.
 *
 * @example tile(keyFeature, { reps: [frames, 1, 1, 1] }) // one feature for a whole batch
 */
export function tile<V extends Value>(data: V, attributes: TileAttributes): V {
  return apply(tileOperator, [data], attributes)[0];
}
