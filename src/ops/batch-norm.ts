/**
 * batchNorm: bring every channel to a learned mean and spread.
 *
 * Formula  statistics `moving`  a = γ / √(v + ε),  b = β − (γ · m) / √(v + ε),  out = a · x + b
 *                               m, v: moving_mean, moving_var, which stay as they are
 *          statistics `batch`   out = γ · (x − m) / √(v + ε) + β,  m, v: mean and biased variance of the channel over
 *                               batch and positions; moving' = momentum · moving + (1 − momentum) · batch
 *          With fixGamma, γ is 1 whatever the tensor holds.
 * Source   MXNet BatchNorm. Deep Feature Flow uses moving statistics throughout, in training too (use_global_stats),
 *          ε = 1e-5 and a learned γ, all three unlike the defaults.
 * Rounding For `moving`, a, b and every step towards them and the output are rounded to the dtype, grouped as in the MXNet
 *          of the official code (commit 62ecb60). MXNet 1.9.1 computes ((x − m) · (1 / √(v + ε))) · γ + β: the last bits
 *          differ. `batch` is rounded once, at the end.
 * Quirk    MXNet writes the new moving statistics in the backward pass; here they are outputs, and nothing is written.
 * Gradient With x̂ = (x − m) / √(v + ε) and g the gradient of `output`:  dβ = Σ g,  dγ = Σ g · x̂ (none with fixGamma),
 *          dx = γ / √(v + ε) · g                                 for `moving`,
 *          dx = γ / √(v + ε) · (g − mean g − x̂ · mean(g · x̂))    for `batch`, sums and means over batch and positions.
 *          The moving statistics are a state of training, not part of the loss: nothing flows into them, nor back from
 *          the new ones.
 * NaN      In the data: at that element; with batch statistics in its whole channel.
 * Letters  N images, C channels, S positions of one image; axis 1 holds the channels
 */
import { ShapeError } from '../tensor/errors.ts';
import { elementCount, formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { broadcastDiv } from './broadcast-div.ts';
import { broadcastMul } from './broadcast-mul.ts';
import { broadcastSub } from './broadcast-sub.ts';
import { checkChoice, checkNumber, checkShape } from './checks.ts';
import { elementwiseMul } from './elementwise-mul.ts';
import { elementwiseSub } from './elementwise-sub.ts';
import { mean } from './mean.ts';
import { apply, type Operator, type PerName, type Thunk, type Value } from './operator.ts';
import { plusScalar } from './plus-scalar.ts';
import { reshape } from './reshape.ts';
import { rounding } from './rounding.ts';
import { sqrt } from './sqrt.ts';
import { sum } from './sum.ts';

export interface BatchNormAttributes {
  /** Added to the variance. Default 1e-3. */
  readonly epsilon?: number;
  /** Share of the old moving statistics in the new ones. Default 0.9. */
  readonly momentum?: number;
  /** Take γ as 1 whatever its tensor holds. Default true. */
  readonly fixGamma?: boolean;
  /** Which mean and variance to use: the stored ones (inference) or those of the data. Default `batch`. */
  readonly statistics?: 'moving' | 'batch';
}

type Inputs = readonly ['data', 'gamma', 'beta', 'moving_mean', 'moving_var'];
type Outputs = readonly ['output', 'moving_mean', 'moving_var'];

export const batchNormOperator: Operator<Inputs, BatchNormAttributes, Outputs> = {
  name: 'batchNorm',
  inputs: ['data', 'gamma', 'beta', 'moving_mean', 'moving_var'],
  outputs: ['output', 'moving_mean', 'moving_var'],
  defaults: { epsilon: 1e-3, momentum: 0.9, fixGamma: true, statistics: 'batch' },

  shape([data, gamma, beta, mean, variance], { epsilon, momentum, statistics }) {
    checkNumber('batchNorm', 'epsilon', epsilon, 0);
    checkNumber('batchNorm', 'momentum', momentum, 0);
    checkChoice('batchNorm', 'statistics', statistics, ['moving', 'batch']);
    const C = data[1];
    if (C === undefined) {
      throw new ShapeError(
        `batchNorm: data is ${formatShape(data)}, expected at least two axes (batch, channels)`,
      );
    }
    const hint = 'one value per channel';
    checkShape('batchNorm', 'gamma', gamma, [C], hint);
    checkShape('batchNorm', 'beta', beta, [C], hint);
    checkShape('batchNorm', 'moving_mean', mean, [C], hint);
    checkShape('batchNorm', 'moving_var', variance, [C], hint);
    if (statistics === 'batch' && C > 0 && elementCount(data) === 0) {
      throw new ShapeError(`batchNorm: data ${formatShape(data)} is empty and has no batch statistics`);
    }
    return [data, mean, variance];
  },

  forward(outputs, inputs, attributes) {
    if (attributes.statistics === 'moving') normaliseWithMoving(outputs, inputs, attributes);
    else normaliseWithBatch(outputs, inputs, attributes);
  },

  gradient: ([head], inputs, _outputs, attributes) => [
    () => dataGradient(head, inputs, attributes),
    attributes.fixGamma ? null : () => gammaGradient(head, inputs, attributes),
    () => sum(head, overPositions),
    null,
    null,
  ],
};

function normaliseWithMoving(
  [out, newMean, newVariance]: PerName<Outputs, Tensor>,
  [data, gamma, beta, mean, variance]: PerName<Inputs, Tensor>,
  { epsilon, fixGamma }: Required<BatchNormAttributes>,
): void {
  newMean.data.set(mean.data);
  newVariance.data.set(variance.data);
  const round = rounding(data.dtype);
  for (let c = 0; c < gamma.data.length; c++) {
    const g = fixGamma ? 1 : gamma.data[c]!;
    const deviation = round(Math.sqrt(round(variance.data[c]! + round(epsilon))));
    const a = round(g / deviation);
    const b = round(beta.data[c]! - round(round(g * mean.data[c]!) / deviation));
    forEachRun(data, c, (start, end) => {
      for (let i = start; i < end; i++) {
        out.data[i] = a * data.data[i]!; // being stored rounds the product
        out.data[i]! += b;
      }
    });
  }
}

function normaliseWithBatch(
  [out, newMean, newVariance]: PerName<Outputs, Tensor>,
  [data, gamma, beta, mean, variance]: PerName<Inputs, Tensor>,
  { epsilon, momentum, fixGamma }: Required<BatchNormAttributes>,
): void {
  for (let c = 0; c < gamma.data.length; c++) {
    const batch = channelStatistics(data, c);
    newMean.data[c] = momentum * mean.data[c]! + (1 - momentum) * batch.mean;
    newVariance.data[c] = momentum * variance.data[c]! + (1 - momentum) * batch.variance;
    const a = (fixGamma ? 1 : gamma.data[c]!) / Math.sqrt(batch.variance + epsilon);
    forEachRun(data, c, (start, end) => {
      for (let i = start; i < end; i++) out.data[i] = a * (data.data[i]! - batch.mean) + beta.data[c]!;
    });
  }
}

/** Mean and biased variance of a channel, in two passes, so that a mean far from zero costs no digits. */
function channelStatistics(data: Tensor, c: number): { mean: number; variance: number } {
  const count = elementCount(data.shape) / data.shape[1]!;
  let sum = 0;
  forEachRun(data, c, (start, end) => {
    for (let i = start; i < end; i++) sum += data.data[i]!;
  });
  const mean = sum / count;
  let squares = 0;
  forEachRun(data, c, (start, end) => {
    for (let i = start; i < end; i++) squares += (data.data[i]! - mean) ** 2;
  });
  return { mean, variance: squares / count };
}

/** The contiguous runs of memory that hold a channel, one per image. */
function forEachRun(data: Tensor, c: number, visit: (start: number, end: number) => void): void {
  const [N = 0, C = 0] = data.shape;
  const S = elementCount(data.shape.slice(2));
  for (let n = 0; n < N; n++) visit((n * C + c) * S, (n * C + c + 1) * S);
}

/** Every axis but the channels. */
const overPositions = { axes: [1], exclude: true } as const;
/** The same, with the axes kept, so that the result broadcasts. */
const perChannel = { ...overPositions, keepDims: true } as const;

/** One value per channel as (1, C, 1, …), to broadcast over data of a rank. */
function alongChannels<V extends Value>(values: V, rank: number): V {
  return reshape(values, { shape: [1, -1, ...new Array<number>(rank - 2).fill(1)] });
}

/** x − m, if asked for, and √(v + ε) as (1, C, 1, …). */
function standardisation<V extends Value>(
  [data, , , movingMean, movingVariance]: PerName<Inputs, V>,
  { epsilon, statistics }: Required<BatchNormAttributes>,
): { readonly centred: Thunk<V>; readonly deviation: V } {
  const rank = data.shape.length;
  if (statistics === 'moving') {
    return {
      centred: () => broadcastSub(data, alongChannels(movingMean, rank)),
      deviation: sqrt(plusScalar(alongChannels(movingVariance, rank), epsilon)),
    };
  }
  const centred = broadcastSub(data, mean(data, perChannel));
  const variance = mean(elementwiseMul(centred, centred), perChannel);
  return { centred: () => centred, deviation: sqrt(plusScalar(variance, epsilon)) };
}

function dataGradient<V extends Value>(
  head: V,
  inputs: PerName<Inputs, V>,
  attributes: Required<BatchNormAttributes>,
): V {
  const [data, gamma] = inputs;
  const { centred, deviation } = standardisation(inputs, attributes);
  const scaled = attributes.fixGamma ? head : broadcastMul(head, alongChannels(gamma, data.shape.length));
  if (attributes.statistics === 'moving') return broadcastDiv(scaled, deviation);
  const xHat = broadcastDiv(centred(), deviation);
  const along = broadcastMul(xHat, mean(elementwiseMul(scaled, xHat), perChannel));
  const across = broadcastSub(scaled, mean(scaled, perChannel));
  return broadcastDiv(elementwiseSub(across, along), deviation);
}

function gammaGradient<V extends Value>(
  head: V,
  inputs: PerName<Inputs, V>,
  attributes: Required<BatchNormAttributes>,
): V {
  const { centred, deviation } = standardisation(inputs, attributes);
  return sum(elementwiseMul(head, broadcastDiv(centred(), deviation)), overPositions);
}

/** The normalised data, and the statistics to keep for the next call. */
export interface BatchNormResult<V extends Value> {
  readonly output: V;
  readonly movingMean: V;
  readonly movingVariance: V;
}

/**
 * Batch normalisation of data (N, C, …) with one value per channel in each of the other inputs.
 *
 * @returns `output`, of the shape of the data, and the moving statistics after this call: the given ones with
 *   statistics `moving`, updated ones with `batch`
 * @throws ShapeError when a parameter does not have one value per channel
 * @example batchNorm(x, gamma, beta, mean, variance, { epsilon: 1e-5, fixGamma: false, statistics: 'moving' }).output
 */
export function batchNorm<V extends Value>(
  data: V,
  gamma: V,
  beta: V,
  movingMean: V,
  movingVariance: V,
  attributes: BatchNormAttributes = {},
): BatchNormResult<V> {
  const inputs = [data, gamma, beta, movingMean, movingVariance] as const;
  const [output, newMean, newVariance] = apply(batchNormOperator, inputs, attributes);
  return { output, movingMean: newMean, movingVariance: newVariance };
}
