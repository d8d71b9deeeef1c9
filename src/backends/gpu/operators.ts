/** The kernels by operator. What is missing here is computed by the reference where that is allowed, or refused. */
import type { OperatorName } from '../../ops/index.ts';
import { averagePoolingGradientKernels } from './average-pooling-gradient.ts';
import { batchNormKernels } from './batch-norm.ts';
import { bilinearSamplerKernels } from './bilinear-sampler.ts';
import { bilinearSamplerDataGradientKernels } from './bilinear-sampler-data-gradient.ts';
import { bilinearSamplerGridGradientKernels } from './bilinear-sampler-grid-gradient.ts';
import { blockGradKernels } from './block-grad.ts';
import { broadcastAddKernels } from './broadcast-add.ts';
import { broadcastDivKernels } from './broadcast-div.ts';
import { broadcastMulKernels } from './broadcast-mul.ts';
import { broadcastSubKernels } from './broadcast-sub.ts';
import { broadcastToKernels } from './broadcast-to.ts';
import { clipKernels } from './clip.ts';
import { concatKernels } from './concat.ts';
import { convolutionKernels, fusedConvolutionKernels } from './convolution.ts';
import { convolutionWeightGradientKernels } from './convolution-weight-gradient.ts';
import { cropKernels } from './crop.ts';
import { deconvolutionKernels, fusedDeconvolutionKernels } from './deconvolution.ts';
import { divScalarKernels } from './div-scalar.ts';
import { elementwiseAddKernels } from './elementwise-add.ts';
import { elementwiseMulKernels } from './elementwise-mul.ts';
import { elementwiseSubKernels } from './elementwise-sub.ts';
import { embedKernels } from './embed.ts';
import { expKernels } from './exp.ts';
import { fusedWarpKernels } from './fused-warp.ts';
import { gridGeneratorKernels } from './grid-generator.ts';
import { heavisideKernels } from './heaviside.ts';
import type { GpuOperator } from './kernel.ts';
import { leakyReluKernels } from './leaky-relu.ts';
import { logKernels } from './log.ts';
import { makeLossKernels } from './make-loss.ts';
import { maxPoolingGradientKernels } from './max-pooling-gradient.ts';
import { meanKernels } from './mean.ts';
import { minusScalarKernels } from './minus-scalar.ts';
import { mulScalarKernels } from './mul-scalar.ts';
import { onesLikeKernels } from './ones-like.ts';
import { plusScalarKernels } from './plus-scalar.ts';
import { poolingKernels } from './pooling.ts';
import { multiProposalKernels, proposalKernels } from './proposal.ts';
import { psroiPoolingKernels } from './psroi-pooling.ts';
import { psroiPoolingGradientKernels } from './psroi-pooling-gradient.ts';
import { rdivScalarKernels } from './rdiv-scalar.ts';
import { reluKernels } from './relu.ts';
import { reshapeKernels } from './reshape.ts';
import { rminusScalarKernels } from './rminus-scalar.ts';
import { roiPoolingKernels } from './roi-pooling.ts';
import { roiPoolingGradientKernels } from './roi-pooling-gradient.ts';
import { rpnInverseNormalizeKernels } from './rpn-inverse-normalize.ts';
import { sigmoidKernels } from './sigmoid.ts';
import { sliceKernels } from './slice.ts';
import { sliceAxisKernels } from './slice-axis.ts';
import { sliceChannelKernels } from './slice-channel.ts';
import { smoothL1Kernels } from './smooth-l1.ts';
import { softmaxKernels } from './softmax.ts';
import { softmaxActivationKernels } from './softmax-activation.ts';
import { sqrtKernels } from './sqrt.ts';
import { sumKernels } from './sum.ts';
import { takeKernels } from './take.ts';
import { tileKernels } from './tile.ts';
import { tileAsKernels } from './tile-as.ts';
import { transposeKernels } from './transpose.ts';
import { withinRangeKernels } from './within-range.ts';
import { zerosLikeKernels } from './zeros-like.ts';

export const gpuOperators: { readonly [K in OperatorName]?: GpuOperator } = {
  averagePoolingGradient: averagePoolingGradientKernels,
  batchNorm: batchNormKernels,
  bilinearSampler: bilinearSamplerKernels,
  bilinearSamplerDataGradient: bilinearSamplerDataGradientKernels,
  bilinearSamplerGridGradient: bilinearSamplerGridGradientKernels,
  blockGrad: blockGradKernels,
  broadcastAdd: broadcastAddKernels,
  broadcastDiv: broadcastDivKernels,
  broadcastMul: broadcastMulKernels,
  broadcastSub: broadcastSubKernels,
  broadcastTo: broadcastToKernels,
  clip: clipKernels,
  concat: concatKernels,
  convolution: convolutionKernels,
  convolutionWeightGradient: convolutionWeightGradientKernels,
  crop: cropKernels,
  deconvolution: deconvolutionKernels,
  divScalar: divScalarKernels,
  elementwiseAdd: elementwiseAddKernels,
  elementwiseMul: elementwiseMulKernels,
  elementwiseSub: elementwiseSubKernels,
  embed: embedKernels,
  exp: expKernels,
  fusedConvolution: fusedConvolutionKernels,
  fusedDeconvolution: fusedDeconvolutionKernels,
  fusedWarp: fusedWarpKernels,
  gridGenerator: gridGeneratorKernels,
  heaviside: heavisideKernels,
  leakyRelu: leakyReluKernels,
  log: logKernels,
  makeLoss: makeLossKernels,
  maxPoolingGradient: maxPoolingGradientKernels,
  mean: meanKernels,
  minusScalar: minusScalarKernels,
  mulScalar: mulScalarKernels,
  multiProposal: multiProposalKernels,
  onesLike: onesLikeKernels,
  plusScalar: plusScalarKernels,
  pooling: poolingKernels,
  proposal: proposalKernels,
  psroiPooling: psroiPoolingKernels,
  psroiPoolingGradient: psroiPoolingGradientKernels,
  rdivScalar: rdivScalarKernels,
  relu: reluKernels,
  reshape: reshapeKernels,
  rminusScalar: rminusScalarKernels,
  roiPooling: roiPoolingKernels,
  roiPoolingGradient: roiPoolingGradientKernels,
  rpnInverseNormalize: rpnInverseNormalizeKernels,
  sigmoid: sigmoidKernels,
  slice: sliceKernels,
  sliceAxis: sliceAxisKernels,
  sliceChannel: sliceChannelKernels,
  smoothL1: smoothL1Kernels,
  softmax: softmaxKernels,
  softmaxActivation: softmaxActivationKernels,
  sqrt: sqrtKernels,
  sum: sumKernels,
  take: takeKernels,
  tile: tileKernels,
  tileAs: tileAsKernels,
  transpose: transposeKernels,
  withinRange: withinRangeKernels,
  zerosLike: zerosLikeKernels,
};
