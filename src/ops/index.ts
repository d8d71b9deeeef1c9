/**
 * `deep-feature-flow/ops`: the operators, and the table that graphs and backends look them up in.
 *
 * A backend declares `{ readonly [K in OperatorName]: Kernel | null }`, so that forgetting an operator is a compile
 * error and `null` is a decision.
 */
import { averagePoolingGradientOperator } from './average-pooling-gradient.ts';
import { batchNormOperator } from './batch-norm.ts';
import { bilinearSamplerOperator } from './bilinear-sampler.ts';
import { bilinearSamplerDataGradientOperator } from './bilinear-sampler-data-gradient.ts';
import { bilinearSamplerGridGradientOperator } from './bilinear-sampler-grid-gradient.ts';
import { blockGradOperator } from './block-grad.ts';
import { boxAnnotatorOhemOperator } from './box-annotator-ohem.ts';
import { broadcastAddOperator } from './broadcast-add.ts';
import { broadcastDivOperator } from './broadcast-div.ts';
import { broadcastMulOperator } from './broadcast-mul.ts';
import { broadcastSubOperator } from './broadcast-sub.ts';
import { broadcastToOperator } from './broadcast-to.ts';
import { clipOperator } from './clip.ts';
import { concatOperator } from './concat.ts';
import { convolutionOperator } from './convolution.ts';
import { convolutionWeightGradientOperator } from './convolution-weight-gradient.ts';
import { cropOperator } from './crop.ts';
import { deconvolutionOperator } from './deconvolution.ts';
import { divScalarOperator } from './div-scalar.ts';
import { elementwiseAddOperator } from './elementwise-add.ts';
import { elementwiseMulOperator } from './elementwise-mul.ts';
import { elementwiseSubOperator } from './elementwise-sub.ts';
import { embedOperator } from './embed.ts';
import { expOperator } from './exp.ts';
import { gridGeneratorOperator } from './grid-generator.ts';
import { heavisideOperator } from './heaviside.ts';
import { leakyReluOperator } from './leaky-relu.ts';
import { logOperator } from './log.ts';
import { makeLossOperator } from './make-loss.ts';
import { makeLossGradientOperator } from './make-loss-gradient.ts';
import { maxPoolingGradientOperator } from './max-pooling-gradient.ts';
import { meanOperator } from './mean.ts';
import { minusScalarOperator } from './minus-scalar.ts';
import { mulScalarOperator } from './mul-scalar.ts';
import { multiProposalOperator } from './multi-proposal.ts';
import { onesLikeOperator } from './ones-like.ts';
import type { AnyOperator } from './operator.ts';
import { plusScalarOperator } from './plus-scalar.ts';
import { poolingOperator } from './pooling.ts';
import { proposalOperator } from './proposal.ts';
import { proposalTargetOperator } from './proposal-target.ts';
import { psroiPoolingOperator } from './psroi-pooling.ts';
import { psroiPoolingGradientOperator } from './psroi-pooling-gradient.ts';
import { rdivScalarOperator } from './rdiv-scalar.ts';
import { reluOperator } from './relu.ts';
import { reshapeOperator } from './reshape.ts';
import { rminusScalarOperator } from './rminus-scalar.ts';
import { roiPoolingOperator } from './roi-pooling.ts';
import { roiPoolingGradientOperator } from './roi-pooling-gradient.ts';
import { rpnInverseNormalizeOperator } from './rpn-inverse-normalize.ts';
import { scatterRowsOperator } from './scatter-rows.ts';
import { sgdMomentumUpdateOperator } from './sgd-momentum-update.ts';
import { sigmoidOperator } from './sigmoid.ts';
import { sliceOperator } from './slice.ts';
import { sliceAxisOperator } from './slice-axis.ts';
import { sliceChannelOperator } from './slice-channel.ts';
import { smoothL1Operator } from './smooth-l1.ts';
import { softmaxOperator } from './softmax.ts';
import { softmaxActivationOperator } from './softmax-activation.ts';
import { softmaxOutputOperator } from './softmax-output.ts';
import { softmaxOutputGradientOperator } from './softmax-output-gradient.ts';
import { sqrtOperator } from './sqrt.ts';
import { sumOperator } from './sum.ts';
import { takeOperator } from './take.ts';
import { tileOperator } from './tile.ts';
import { tileAsOperator } from './tile-as.ts';
import { transposeOperator } from './transpose.ts';
import { withinRangeOperator } from './within-range.ts';
import { zerosLikeOperator } from './zeros-like.ts';

export * from './anchor-targets.ts';
export { allAnchors, type AnchorAttributes, baseAnchors } from './anchors.ts';
export * from './average-pooling-gradient.ts';
export * from './batch-norm.ts';
export * from './bilinear-sampler.ts';
export * from './bilinear-sampler-data-gradient.ts';
export * from './bilinear-sampler-grid-gradient.ts';
export * from './block-grad.ts';
export * from './box-annotator-ohem.ts';
export { bestOverlaps, type BoxConvention, boxOverlaps } from './box-overlaps.ts';
export * from './box-transform.ts';
export * from './broadcast-add.ts';
export * from './broadcast-div.ts';
export * from './broadcast-mul.ts';
export * from './broadcast-sub.ts';
export * from './broadcast-to.ts';
export * from './clip.ts';
export * from './concat.ts';
export * from './convolution.ts';
export * from './convolution-weight-gradient.ts';
export * from './convolution-geometry.ts';
export * from './crop.ts';
export * from './deconvolution.ts';
export * from './div-scalar.ts';
export * from './elementwise-add.ts';
export * from './elementwise-mul.ts';
export * from './elementwise-sub.ts';
export * from './embed.ts';
export * from './exp.ts';
export * from './grid-generator.ts';
export * from './heaviside.ts';
export * from './leaky-relu.ts';
export * from './log.ts';
export * from './make-loss.ts';
export * from './make-loss-gradient.ts';
export * from './max-pooling-gradient.ts';
export * from './mean.ts';
export * from './minus-scalar.ts';
export * from './mul-scalar.ts';
export * from './multi-proposal.ts';
export * from './ones-like.ts';
export { nonMaximumSuppression, type SuppressionOptions } from './non-maximum-suppression.ts';
export * from './operator.ts';
export * from './plus-scalar.ts';
export * from './pooling.ts';
export * from './pooling-geometry.ts';
export { proposal, type ProposalAttributes, proposalOperator } from './proposal.ts';
export * from './proposal-boxes.ts';
export * from './proposal-target.ts';
export * from './psroi-geometry.ts';
export * from './psroi-pooling.ts';
export * from './psroi-pooling-gradient.ts';
export * from './rdiv-scalar.ts';
export type { ReductionAttributes } from './reduction.ts';
export * from './relu.ts';
export * from './reshape.ts';
export * from './rminus-scalar.ts';
export { roiImage } from './roi.ts';
export * from './roi-pooling.ts';
export * from './roi-pooling-gradient.ts';
export * from './roi-pooling-geometry.ts';
export {
  rpnInverseNormalize,
  type RpnInverseNormalizeAttributes,
  rpnInverseNormalizeOperator,
} from './rpn-inverse-normalize.ts';
export * from './scatter-rows.ts';
export * from './sample-site.ts';
export type { ScalarAttributes } from './scalar.ts';
export * from './score-order.ts';
export * from './sgd-momentum-update.ts';
export * from './sigmoid.ts';
export * from './slice.ts';
export * from './slice-axis.ts';
export * from './slice-channel.ts';
export * from './smooth-l1.ts';
export * from './softmax.ts';
export * from './softmax-activation.ts';
export * from './softmax-output.ts';
export * from './softmax-output-gradient.ts';
export * from './sqrt.ts';
export * from './sum.ts';
export * from './take.ts';
export * from './tile.ts';
export * from './tile-as.ts';
export * from './transpose.ts';
export * from './within-range.ts';
export * from './zeros-like.ts';
export * from './warp.ts';

export type OperatorName =
  | 'averagePoolingGradient'
  | 'batchNorm'
  | 'bilinearSampler'
  | 'bilinearSamplerDataGradient'
  | 'bilinearSamplerGridGradient'
  | 'blockGrad'
  | 'boxAnnotatorOhem'
  | 'broadcastAdd'
  | 'broadcastDiv'
  | 'broadcastMul'
  | 'broadcastSub'
  | 'broadcastTo'
  | 'clip'
  | 'concat'
  | 'convolution'
  | 'convolutionWeightGradient'
  | 'crop'
  | 'deconvolution'
  | 'divScalar'
  | 'elementwiseAdd'
  | 'elementwiseMul'
  | 'elementwiseSub'
  | 'embed'
  | 'exp'
  | 'gridGenerator'
  | 'heaviside'
  | 'leakyRelu'
  | 'log'
  | 'makeLoss'
  | 'makeLossGradient'
  | 'maxPoolingGradient'
  | 'mean'
  | 'minusScalar'
  | 'mulScalar'
  | 'multiProposal'
  | 'onesLike'
  | 'plusScalar'
  | 'pooling'
  | 'proposal'
  | 'proposalTarget'
  | 'psroiPooling'
  | 'psroiPoolingGradient'
  | 'rdivScalar'
  | 'relu'
  | 'reshape'
  | 'rminusScalar'
  | 'roiPooling'
  | 'roiPoolingGradient'
  | 'rpnInverseNormalize'
  | 'scatterRows'
  | 'sgdMomentumUpdate'
  | 'sigmoid'
  | 'slice'
  | 'sliceAxis'
  | 'sliceChannel'
  | 'smoothL1'
  | 'softmax'
  | 'softmaxActivation'
  | 'softmaxOutput'
  | 'softmaxOutputGradient'
  | 'sqrt'
  | 'sum'
  | 'take'
  | 'tile'
  | 'tileAs'
  | 'transpose'
  | 'withinRange'
  | 'zerosLike';

/** Every operator by name. */
export const operators: { readonly [K in OperatorName]: AnyOperator } = {
  averagePoolingGradient: averagePoolingGradientOperator,
  batchNorm: batchNormOperator,
  bilinearSampler: bilinearSamplerOperator,
  bilinearSamplerDataGradient: bilinearSamplerDataGradientOperator,
  bilinearSamplerGridGradient: bilinearSamplerGridGradientOperator,
  blockGrad: blockGradOperator,
  boxAnnotatorOhem: boxAnnotatorOhemOperator,
  broadcastAdd: broadcastAddOperator,
  broadcastDiv: broadcastDivOperator,
  broadcastMul: broadcastMulOperator,
  broadcastSub: broadcastSubOperator,
  broadcastTo: broadcastToOperator,
  clip: clipOperator,
  concat: concatOperator,
  convolution: convolutionOperator,
  convolutionWeightGradient: convolutionWeightGradientOperator,
  crop: cropOperator,
  deconvolution: deconvolutionOperator,
  divScalar: divScalarOperator,
  elementwiseAdd: elementwiseAddOperator,
  elementwiseMul: elementwiseMulOperator,
  elementwiseSub: elementwiseSubOperator,
  embed: embedOperator,
  exp: expOperator,
  gridGenerator: gridGeneratorOperator,
  heaviside: heavisideOperator,
  leakyRelu: leakyReluOperator,
  log: logOperator,
  makeLoss: makeLossOperator,
  makeLossGradient: makeLossGradientOperator,
  maxPoolingGradient: maxPoolingGradientOperator,
  mean: meanOperator,
  minusScalar: minusScalarOperator,
  mulScalar: mulScalarOperator,
  multiProposal: multiProposalOperator,
  onesLike: onesLikeOperator,
  plusScalar: plusScalarOperator,
  pooling: poolingOperator,
  proposal: proposalOperator,
  proposalTarget: proposalTargetOperator,
  psroiPooling: psroiPoolingOperator,
  psroiPoolingGradient: psroiPoolingGradientOperator,
  rdivScalar: rdivScalarOperator,
  relu: reluOperator,
  reshape: reshapeOperator,
  rminusScalar: rminusScalarOperator,
  roiPooling: roiPoolingOperator,
  roiPoolingGradient: roiPoolingGradientOperator,
  rpnInverseNormalize: rpnInverseNormalizeOperator,
  scatterRows: scatterRowsOperator,
  sgdMomentumUpdate: sgdMomentumUpdateOperator,
  sigmoid: sigmoidOperator,
  slice: sliceOperator,
  sliceAxis: sliceAxisOperator,
  sliceChannel: sliceChannelOperator,
  smoothL1: smoothL1Operator,
  softmax: softmaxOperator,
  softmaxActivation: softmaxActivationOperator,
  softmaxOutput: softmaxOutputOperator,
  softmaxOutputGradient: softmaxOutputGradientOperator,
  sqrt: sqrtOperator,
  sum: sumOperator,
  take: takeOperator,
  tile: tileOperator,
  tileAs: tileAsOperator,
  transpose: transposeOperator,
  withinRange: withinRangeOperator,
  zerosLike: zerosLikeOperator,
};
