/** Which operator is lowered how. `null`: there are no kernels; such nodes run on the reference where that is allowed. */
import type { OperatorName } from '../../ops/index.ts';
import {
  clipKernel,
  expKernel,
  heavisideKernel,
  leakyReluKernel,
  logKernel,
  reluKernel,
  sigmoidKernel,
  smoothL1Kernel,
  sqrtKernel,
  withinRangeKernel,
} from './kernels/map.ts';
import type { Lower } from './lowering.ts';
import { lowerArithmetic, lowerRpnInverseNormalize } from './operators/arithmetic.ts';
import {
  lowerConcat,
  lowerCrop,
  lowerEmbed,
  lowerSlice,
  lowerSliceAxis,
  lowerSliceChannel,
} from './operators/box.ts';
import { lowerBatchNorm } from './operators/batch-norm.ts';
import { lowerConvolution } from './operators/convolution.ts';
import { lowerConvolutionWeightGradient } from './operators/convolution-weight-gradient.ts';
import { lowerDeconvolution } from './operators/deconvolution.ts';
import { lowerMakeLossGradient, lowerSoftmaxOutputGradient } from './operators/loss-gradients.ts';
import { lowerFill, lowerMap } from './operators/map.ts';
import { lowerPooling } from './operators/pooling.ts';
import { lowerReduction } from './operators/reduction.ts';
import { lowerScatterRows } from './operators/scatter-rows.ts';
import { lowerSgdMomentumUpdate } from './operators/sgd-momentum-update.ts';
import { lowerAveragePoolingGradient, lowerMaxPoolingGradient } from './operators/pooling-gradient.ts';
import { lowerProposal } from './operators/proposal.ts';
import { lowerPsroiPoolingGradient, lowerRoiPoolingGradient } from './operators/region-gradients.ts';
import { lowerPsroiPooling, lowerRoiPooling } from './operators/regions.ts';
import { lowerClassSoftmax, lowerSoftmax } from './operators/softmax.ts';
import { lowerTake } from './operators/take.ts';
import { lowerTile } from './operators/tile.ts';
import { lowerTranspose } from './operators/transpose.ts';
import { lowerView } from './operators/views.ts';
import { lowerSamplerDataGradient, lowerSamplerGridGradient } from './operators/warp-gradient.ts';
import { lowerBilinearSampler, lowerFusedWarp, lowerGridGenerator } from './operators/warp.ts';

export const lowerings: { readonly [K in OperatorName]: Lower | null } = {
  convolution: lowerConvolution,
  convolutionWeightGradient: lowerConvolutionWeightGradient,
  fusedConvolution: lowerConvolution,
  deconvolution: lowerDeconvolution,
  fusedDeconvolution: lowerDeconvolution,
  batchNorm: lowerBatchNorm,
  pooling: lowerPooling,
  averagePoolingGradient: lowerAveragePoolingGradient,
  maxPoolingGradient: lowerMaxPoolingGradient,
  bilinearSamplerDataGradient: lowerSamplerDataGradient,
  bilinearSamplerGridGradient: lowerSamplerGridGradient,
  psroiPoolingGradient: lowerPsroiPoolingGradient,
  roiPoolingGradient: lowerRoiPoolingGradient,
  bilinearSampler: lowerBilinearSampler,
  fusedWarp: lowerFusedWarp,
  gridGenerator: lowerGridGenerator,
  psroiPooling: lowerPsroiPooling,
  roiPooling: lowerRoiPooling,
  multiProposal: lowerProposal,
  proposal: lowerProposal,

  blockGrad: lowerView,
  makeLoss: lowerView,
  reshape: lowerView,

  broadcastTo: lowerTile,
  concat: lowerConcat,
  crop: lowerCrop,
  embed: lowerEmbed,
  slice: lowerSlice,
  sliceAxis: lowerSliceAxis,
  sliceChannel: lowerSliceChannel,
  take: lowerTake,
  tile: lowerTile,
  tileAs: lowerTile,
  transpose: lowerTranspose,

  broadcastAdd: lowerArithmetic('add', 0, 1),
  broadcastDiv: lowerArithmetic('divide', 0, 1),
  broadcastMul: lowerArithmetic('multiply', 0, 1),
  broadcastSub: lowerArithmetic('subtract', 0, 1),
  divScalar: lowerArithmetic('divide', 0, 'scalar'),
  elementwiseAdd: lowerArithmetic('add', 0, 1),
  elementwiseMul: lowerArithmetic('multiply', 0, 1),
  elementwiseSub: lowerArithmetic('subtract', 0, 1),
  minusScalar: lowerArithmetic('subtract', 0, 'scalar'),
  mulScalar: lowerArithmetic('multiply', 0, 'scalar'),
  plusScalar: lowerArithmetic('add', 0, 'scalar'),
  rdivScalar: lowerArithmetic('divide', 'scalar', 0),
  rminusScalar: lowerArithmetic('subtract', 'scalar', 0),
  rpnInverseNormalize: lowerRpnInverseNormalize,

  softmax: lowerSoftmax,
  softmaxActivation: lowerClassSoftmax,
  softmaxOutput: lowerClassSoftmax,
  softmaxOutputGradient: lowerSoftmaxOutputGradient,
  makeLossGradient: lowerMakeLossGradient,

  clip: lowerMap(clipKernel, ['min', 'max']),
  exp: lowerMap(expKernel),
  heaviside: lowerMap(heavisideKernel),
  leakyRelu: lowerMap(leakyReluKernel, ['slope']),
  log: lowerMap(logKernel, [], false),
  onesLike: lowerFill(1),
  relu: lowerMap(reluKernel),
  sigmoid: lowerMap(sigmoidKernel),
  smoothL1: lowerMap(smoothL1Kernel, ['sigma']),
  sqrt: lowerMap(sqrtKernel),
  withinRange: lowerMap(withinRangeKernel, ['min', 'max']),
  zerosLike: lowerFill(0),

  mean: lowerReduction(({ count }) => count),
  scatterRows: lowerScatterRows,
  sgdMomentumUpdate: lowerSgdMomentumUpdate,
  sum: lowerReduction(() => 1),

  // Host parts of the official training graph, which draw random numbers or rank samples on the processor.
  boxAnnotatorOhem: null,
  proposalTarget: null,
};

/** How an operator is lowered; undefined where there are no kernels. */
export function lowerOf(operator: string): Lower | undefined {
  return lowerings[operator as OperatorName] ?? undefined;
}
