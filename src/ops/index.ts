/**
 * `deep-feature-flow/ops`: the operators, and the table that graphs and backends look them up in.
 *
 * A backend declares `{ readonly [K in OperatorName]: Kernel | null }`, so that forgetting an operator is a compile
 * error and `null` is a decision.
 */
import { convolutionOperator } from './convolution.ts';
import type { AnyOperator } from './operator.ts';
import { reluOperator } from './relu.ts';
import { sliceChannelOperator } from './slice-channel.ts';

export * from './convolution.ts';
export * from './operator.ts';
export * from './relu.ts';
export * from './slice-channel.ts';

export type OperatorName = 'convolution' | 'relu' | 'sliceChannel';

/** Every operator by name. */
export const operators: { readonly [K in OperatorName]: AnyOperator } = {
  convolution: convolutionOperator,
  relu: reluOperator,
  sliceChannel: sliceChannelOperator,
};
