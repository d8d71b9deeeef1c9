/**
 * `deep-feature-flow/ops`: the operators, and the table that graphs and backends look them up in.
 *
 * A backend declares `{ readonly [K in OperatorName]: Kernel | null }`, so that forgetting an operator is a compile
 * error and `null` is a decision.
 */
import { batchNormOperator } from './batch-norm.ts';
import { bilinearSamplerOperator } from './bilinear-sampler.ts';
import { convolutionOperator } from './convolution.ts';
import { deconvolutionOperator } from './deconvolution.ts';
import { gridGeneratorOperator } from './grid-generator.ts';
import { makeLossOperator } from './make-loss.ts';
import type { AnyOperator } from './operator.ts';
import { poolingOperator } from './pooling.ts';
import { reluOperator } from './relu.ts';
import { sgdMomentumUpdateOperator } from './sgd-momentum-update.ts';
import { sliceChannelOperator } from './slice-channel.ts';
import { softmaxActivationOperator } from './softmax-activation.ts';
import { softmaxOutputOperator } from './softmax-output.ts';
import { softmaxOperator } from './softmax.ts';

export * from './batch-norm.ts';
export * from './bilinear-sampler.ts';
export * from './convolution-geometry.ts';
export * from './convolution.ts';
export * from './deconvolution.ts';
export * from './grid-generator.ts';
export * from './make-loss.ts';
export * from './operator.ts';
export * from './pooling-geometry.ts';
export * from './pooling.ts';
export * from './relu.ts';
export * from './sample-site.ts';
export * from './sgd-momentum-update.ts';
export * from './slice-channel.ts';
export * from './softmax-activation.ts';
export * from './softmax-output.ts';
export * from './softmax.ts';

export type OperatorName =
  | 'batchNorm'
  | 'bilinearSampler'
  | 'convolution'
  | 'deconvolution'
  | 'gridGenerator'
  | 'makeLoss'
  | 'pooling'
  | 'relu'
  | 'sgdMomentumUpdate'
  | 'sliceChannel'
  | 'softmax'
  | 'softmaxActivation'
  | 'softmaxOutput';

/** Every operator by name. */
export const operators: { readonly [K in OperatorName]: AnyOperator } = {
  batchNorm: batchNormOperator,
  bilinearSampler: bilinearSamplerOperator,
  convolution: convolutionOperator,
  deconvolution: deconvolutionOperator,
  gridGenerator: gridGeneratorOperator,
  makeLoss: makeLossOperator,
  pooling: poolingOperator,
  relu: reluOperator,
  sgdMomentumUpdate: sgdMomentumUpdateOperator,
  sliceChannel: sliceChannelOperator,
  softmax: softmaxOperator,
  softmaxActivation: softmaxActivationOperator,
  softmaxOutput: softmaxOutputOperator,
};
