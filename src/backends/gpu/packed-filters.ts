/** Filters and biases as texels. Letters  O filters, C input channels, I × J taps */
import type { Shape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Argument, NodeView, Upload } from './kernel.ts';
import { channelPlace, type PackedLayout } from './layout.ts';

/** Some groups of four filters of a result. */
interface Groups {
  readonly first: number;
  readonly count: number;
}

/** The arguments w and b of a kernel for some of the filters; all of them unless said otherwise. */
export type FilterArguments = (groups?: Groups) => readonly [weights: Argument, bias: Argument];

/** The packed layouts of a convolution or deconvolution, and its parameters. */
export interface PackedFilters {
  readonly input: PackedLayout;
  readonly result: PackedLayout;
  readonly parameters: FilterArguments;
}

/**
 * What a fast kernel needs of a node with data, weight and bias at inputs 0 to 2; undefined where the parameters are
 * computed in the graph, or no texture holds something.
 *
 * @param transposed whether the weight is (C, O, I, J), as that of a deconvolution
 */
export function packedFilters(node: NodeView, transposed: boolean): PackedFilters | undefined {
  const [, weight, bias] = node.inputs;
  const input = node.packedInput(0);
  const result = node.packedOutput(0);
  const known = node.isParameter(1) && (!bias || node.isParameter(2));
  if (!known || !input || !result) return undefined;
  const columns = 4 * input.down * input.across;
  const [, , I = 1, J = 1] = weight!;
  if (Math.max(result.groups * I * J, columns) > node.capabilities.maxSide) return undefined;
  const all = { first: 0, count: result.groups };
  const parameters: FilterArguments = (groups = all) => [
    {
      from: 'weights',
      inputs: [1],
      pack: ([filters]) => packFilters(filters!, columns, result, groups, transposed),
    },
    { from: 'weights', inputs: bias ? [2] : [], pack: ([values]) => packBias(values, result, groups) },
  ];
  return { input, result, parameters };
}

/**
 * Filters as texels: the four filters of a group, at column `input channel`, row `group · I · J + tap`, in the order that
 * the result wants its channels in. Channels and filters that do not fill a group of four are zeros.
 */
function packFilters(
  { shape, data }: Tensor,
  columns: number,
  result: PackedLayout,
  { first, count }: Groups,
  transposed: boolean,
): Upload {
  const [O, C, taps] = filterSizes(shape, transposed);
  const rows = count * taps;
  const packed = new Float32Array(4 * columns * rows);
  for (let o = 0; o < O; o++) {
    const place = channelPlace(result, o);
    const group = (place >> 2) - first;
    if (group < 0 || group >= count) continue;
    for (let c = 0; c < C; c++) {
      const filter = (transposed ? c * O + o : o * C + c) * taps;
      for (let tap = 0; tap < taps; tap++) {
        packed[((group * taps + tap) * columns + c) * 4 + (place & 3)] = data[filter + tap]!;
      }
    }
  }
  return { layout: { kind: 'texels', columns, rows }, data: packed };
}

/** O, C and I · J of a weight. */
function filterSizes(shape: Shape, transposed: boolean): readonly [O: number, C: number, taps: number] {
  const [first, second, I, J] = shape as unknown as readonly [number, number, number, number];
  return transposed ? [second, first, I * J] : [first, second, I * J];
}

/** A texel of biases per group of filters; zeros without a bias. */
function packBias(bias: Tensor | undefined, result: PackedLayout, { first, count }: Groups): Upload {
  const data = new Float32Array(4 * count);
  bias?.data.forEach((value, o) => {
    const place = channelPlace(result, o) - 4 * first;
    if (place >= 0 && place < data.length) data[place] = value;
  });
  return { layout: { kind: 'texels', columns: count, rows: 1 }, data };
}
