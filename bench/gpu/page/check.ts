/**
 * Whether a contender computes what it should: single places of the very result that is then measured are computed
 * again as the definition says, and two whole results are compared. A benchmark of a wrong kernel is worthless.
 */
import { pair } from '../../../src/ops/index.ts';
import { formatShape, sameShape, type Tensor } from '../../../src/tensor/index.ts';
import { uniform } from '../../random.ts';
import type { LayerWork } from '../work.ts';
import type { LayerInputs } from './inputs.ts';

/** Relative to the largest value. float32 sums of thousands of products, in any order, stay well below it. */
export const TOLERANCE = 1e-4;

const PLACES = 200;

/** The largest difference between a result and the definition of its layer, relative to the largest value. */
export function layerDifference(layer: LayerWork, inputs: LayerInputs, result: Tensor): number {
  const [, O, P, Q] = result.shape as [number, number, number, number];
  const largest = largestMagnitude(result);
  const at = layer.kind === 'convolution' ? convolutionAt : deconvolutionAt;
  const random = uniform(4);
  const below = (size: number): number => Math.floor(random() * size);
  let difference = 0;
  for (let place = 0; place < PLACES; place++) {
    const [o, y, x] = place === 0 ? [O - 1, P - 1, Q - 1] : [below(O), below(P), below(Q)];
    const sum = at(layer, inputs, o, y, x) + inputs.bias.data[o]!;
    const expected = sum > 0 ? sum : layer.slope * sum;
    difference = larger(difference, Math.abs(result.data[(o * P + y) * Q + x]! - expected));
  }
  return difference / largest;
}

function convolutionAt(layer: LayerWork, inputs: LayerInputs, o: number, y: number, x: number): number {
  const [[strideY, strideX], [padY, padX]] = [pair(layer.stride), pair(layer.pad)];
  const [dilationY, dilationX] = pair(layer.dilation);
  const [, C, H, W] = layer.data as [number, number, number, number];
  const [, , I, J] = layer.weight as [number, number, number, number];
  const { data, weight } = inputs;
  let sum = 0;
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < I; i++) {
      for (let j = 0; j < J; j++) {
        const [row, column] = [y * strideY - padY + i * dilationY, x * strideX - padX + j * dilationX];
        if (row < 0 || row >= H || column < 0 || column >= W) continue;
        sum += data.data[(c * H + row) * W + column]! * weight.data[((o * C + c) * I + i) * J + j]!;
      }
    }
  }
  return sum;
}

/** Places count from the corner of the crop. */
function deconvolutionAt(layer: LayerWork, inputs: LayerInputs, o: number, y: number, x: number): number {
  const [[strideY, strideX], [padY, padX]] = [pair(layer.stride), pair(layer.pad)];
  const [dilationY, dilationX] = pair(layer.dilation);
  const [, C, H, W] = layer.data as [number, number, number, number];
  const [, O, I, J] = layer.weight as [number, number, number, number];
  const offset = layer.crop ? 1 : 0;
  const { data, weight } = inputs;
  let sum = 0;
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < I; i++) {
      for (let j = 0; j < J; j++) {
        const row = (y + offset + padY - i * dilationY) / strideY;
        const column = (x + offset + padX - j * dilationX) / strideX;
        if (!Number.isInteger(row) || !Number.isInteger(column)) continue;
        if (row < 0 || row >= H || column < 0 || column >= W) continue;
        sum += data.data[(c * H + row) * W + column]! * weight.data[((c * O + o) * I + i) * J + j]!;
      }
    }
  }
  return sum;
}

/** The largest difference of two results, relative to the largest expected value; NaN when anything is not finite. */
export function relativeDifference(result: Tensor, expected: Tensor): number {
  if (!sameShape(result.shape, expected.shape)) {
    throw new Error(`result is ${formatShape(result.shape)}, expected ${formatShape(expected.shape)}`);
  }
  let difference = 0;
  for (let i = 0; i < expected.data.length; i++) {
    difference = larger(difference, Math.abs(result.data[i]! - expected.data[i]!));
  }
  return difference / largestMagnitude(expected);
}

/** @throws Error when a difference is beyond the tolerance, or not a number */
export function demand(what: string, difference: number): number {
  if (difference <= TOLERANCE) return difference;
  throw new Error(`${what} is wrong: off by ${difference.toExponential(1)} of the largest value`);
}

const largestMagnitude = ({ data }: Tensor): number => {
  let largest = 0;
  for (const value of data) largest = larger(largest, Math.abs(value));
  return largest;
};

/** Once NaN, always NaN. */
const larger = (a: number, b: number): number => (b > a || Number.isNaN(b) ? b : a);
