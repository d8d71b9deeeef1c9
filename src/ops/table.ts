/**
 * The operator table, name -> operator, that graphs and backends look operators up in.
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
import { fusedConvolutionOperator } from './fused-convolution.ts';
import { fusedDeconvolutionOperator } from './fused-deconvolution.ts';
import { fusedWarpOperator } from './fused-warp.ts';
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
  | 'fusedConvolution'
  | 'fusedDeconvolution'
  | 'fusedWarp'
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
  fusedConvolution: fusedConvolutionOperator,
  fusedDeconvolution: fusedDeconvolutionOperator,
  fusedWarp: fusedWarpOperator,
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
