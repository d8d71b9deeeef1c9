/**
 * Our convolution against that of TensorFlow.js on its `cpu` backend: the same numbers in, results compared, measured in
 * turns. Each side gets its own layout (they read NHWC), converted outside the measurement.
 *
 * A layer of billions of multiply-adds would take minutes. Such a layer is cut to fewer output rows, computed from just
 * the input rows that they read, without padding above and below; rates are per multiply-add, so they stay comparable.
 */
import { convolution, pair } from '../src/ops/index.ts';
import type { Tensor } from '../src/tensor/index.ts';
import type { Layer } from './layers.ts';
import { randomTensor, uniform } from './random.ts';
import { tensorflow } from './tensorflow.ts';
import { interleaved } from './timing.ts';

export interface LayerResult {
  readonly name: string;
  readonly count: number;
  readonly shape: string;
  /** Output rows measured, and rows of the layer. */
  readonly rows: readonly [measured: number, all: number];
  /** Multiply-adds of all such layers of the network. */
  readonly multiplyAdds: number;
  /** Multiply-adds per second. */
  readonly ours: number;
  readonly theirs: number;
  /** Largest difference, relative to the largest value. */
  readonly difference: number;
}

/** The same sums in another order and precision: float32 additions err by about the square root of their number. */
const TOLERANCE = 1e-4;

export interface CompareOptions {
  /** Multiply-adds that a measured piece may have. */
  readonly budget: number;
  readonly repetitions: number;
}

export function compareLayer(layer: Layer, { budget, repetitions }: CompareOptions): LayerResult {
  const { name, count, attributes } = layer;
  const { data: dataShape, pad, rows, allRows } = cut(layer, budget);
  const random = uniform(1);
  const data = randomTensor(dataShape, random);
  const weight = randomTensor(layer.weight, random);
  const ours = (): Tensor => convolution(data, weight, undefined, { ...attributes, pad });
  const theirs = tensorflow(data, weight, { ...attributes, pad });
  const difference = largestDifference(ours(), theirs.read());
  if (!(difference <= TOLERANCE)) throw new Error(`${name}: results differ by ${difference}`);
  const [a, b] = interleaved(ours, theirs.run, repetitions);
  theirs.dispose();
  const [O, , I, J] = layer.weight;
  const measured = (layer.multiplyAdds / allRows) * rows;
  return {
    name,
    count,
    shape: describe(layer, `${layer.data[1]}→${O} ${I}x${J}`),
    rows: [rows, allRows],
    multiplyAdds: layer.multiplyAdds * count,
    ours: measured / a,
    theirs: measured / b,
    difference,
  };
}

function describe({ data, attributes }: Layer, channels: string): string {
  const stride = pair(attributes.stride)[0];
  const dilation = pair(attributes.dilation)[0];
  const extras = `${stride > 1 ? ` stride ${stride}` : ''}${dilation > 1 ? ` dilation ${dilation}` : ''}`;
  return `${data[2]}x${data[3]} ${channels}${extras}`;
}

/** The part of a layer that is measured. */
function cut(
  { data, weight, attributes, multiplyAdds }: Layer,
  budget: number,
): {
  readonly data: Tensor['shape'];
  readonly pad: readonly [number, number];
  readonly rows: number;
  readonly allRows: number;
} {
  const [N, C, H, W] = data as [number, number, number, number];
  const taps = pair(attributes.dilation)[0] * (weight[2]! - 1) + 1;
  const [padY, padX] = pair(attributes.pad);
  const stride = pair(attributes.stride)[0];
  const allRows = Math.floor((H + 2 * padY - taps) / stride) + 1;
  const rows = Math.max(1, Math.floor((allRows * budget) / multiplyAdds));
  if (rows >= allRows) return { data, pad: [padY, padX], rows: allRows, allRows };
  return { data: [N, C, (rows - 1) * stride + taps, W], pad: [0, padX], rows, allRows };
}

function largestDifference(got: Tensor, expected: Tensor): number {
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.data.length; i++) {
    difference = Math.max(difference, Math.abs(got.data[i]! - expected.data[i]!));
    largest = Math.max(largest, Math.abs(expected.data[i]!));
  }
  return got.data.length === expected.data.length ? difference / largest : NaN;
}

/** How many times as long they take for the whole network, were every layer as fast as its measured piece. */
export function weightedRatio(results: readonly LayerResult[]): number {
  const time = (rate: 'ours' | 'theirs'): number =>
    results.reduce((sum, result) => sum + result.multiplyAdds / result[rate], 0);
  return time('theirs') / time('ours');
}
