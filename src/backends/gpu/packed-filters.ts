/** Filters and biases as texels. Letters  O filters, C input channels, I × J taps */
import type { Tensor } from '../../tensor/tensor.ts';
import type { Argument, Upload } from './kernel.ts';
import { channelPlace, type PackedLayout } from './layout.ts';

/**
 * Filters as texels: the four filters of a group, at column `input channel`, row `group · I · J + tap`, in the order that
 * the result wants its channels in. Channels and filters that do not fill a group of four are zeros.
 *
 * @param transposed whether the weight is (C, O, I, J), as that of a deconvolution
 */
export function packFilters(
  { shape, data }: Tensor,
  columns: number,
  result: PackedLayout,
  transposed: boolean,
): Upload {
  const [first, second, I, J] = shape as unknown as readonly [number, number, number, number];
  const [O, C] = transposed ? [second, first] : [first, second];
  const taps = I * J;
  const rows = result.groups * taps;
  const packed = new Float32Array(4 * columns * rows);
  for (let o = 0; o < O; o++) {
    const place = channelPlace(result, o);
    for (let c = 0; c < C; c++) {
      const filter = (transposed ? c * O + o : o * C + c) * taps;
      for (let tap = 0; tap < taps; tap++) {
        const row = (place >> 2) * taps + tap;
        packed[(row * columns + c) * 4 + (place & 3)] = data[filter + tap]!;
      }
    }
  }
  return { layout: { kind: 'texels', columns, rows }, data: packed };
}

/** A texel of biases per group of filters; zeros without a bias. */
export function packBias(bias: Tensor | undefined, result: PackedLayout): Upload {
  const columns = result.groups;
  const data = new Float32Array(4 * columns);
  bias?.data.forEach((value, o) => (data[channelPlace(result, o)] = value));
  return { layout: { kind: 'texels', columns, rows: 1 }, data };
}

/** The arguments w and b of a kernel: the parameters at 1 and, where there is one, at 2. */
export function filterArguments(
  columns: number,
  result: PackedLayout,
  hasBias: boolean,
  transposed = false,
): readonly [weights: Argument, bias: Argument] {
  return [
    { from: 'weights', inputs: [1], pack: ([weight]) => packFilters(weight!, columns, result, transposed) },
    { from: 'weights', inputs: hasBias ? [2] : [], pack: ([bias]) => packBias(bias, result) },
  ];
}
