/**
 * The ONNX form of every operator. `null` is a decision: choosing boxes and pooling regions have relatives in ONNX
 * (NonMaxSuppression, MaxRoiPool, RoiAlign), but those round and break ties otherwise; gradients and the parts of
 * training that are no layers have none.
 */
import type { OperatorName } from '../../ops/index.ts';
import type { Converter } from '../converter.ts';
import * as arithmetic from './arithmetic.ts';
import * as convolution from './convolution.ts';
import * as layout from './layout.ts';
import * as normalization from './normalization.ts';
import * as pointwise from './pointwise.ts';
import * as pooling from './pooling.ts';
import * as reduction from './reduction.ts';
import * as rows from './rows.ts';
import * as sampling from './sampling.ts';

export const onnxOperators: { readonly [K in OperatorName]: Converter | null } = {
  averagePoolingGradient: null,
  batchNorm: normalization.batchNorm,
  bilinearSampler: sampling.bilinearSampler,
  bilinearSamplerDataGradient: null,
  bilinearSamplerGridGradient: null,
  blockGrad: pointwise.identity,
  boxAnnotatorOhem: null,
  broadcastAdd: arithmetic.add,
  broadcastDiv: arithmetic.divide,
  broadcastMul: arithmetic.multiply,
  broadcastSub: arithmetic.subtract,
  broadcastTo: layout.broadcastTo,
  clip: pointwise.clip,
  concat: layout.concat,
  convolution: convolution.convolution,
  convolutionWeightGradient: null,
  crop: layout.crop,
  deconvolution: convolution.deconvolution,
  divScalar: arithmetic.divScalar,
  elementwiseAdd: arithmetic.add,
  elementwiseMul: arithmetic.multiply,
  elementwiseSub: arithmetic.subtract,
  embed: layout.embed,
  exp: pointwise.exp,
  fusedConvolution: convolution.fusedConvolution,
  fusedDeconvolution: convolution.fusedDeconvolution,
  fusedWarp: sampling.fusedWarp,
  gridGenerator: sampling.gridGenerator,
  heaviside: pointwise.heaviside,
  leakyRelu: pointwise.leakyRelu,
  log: pointwise.log,
  makeLoss: pointwise.identity,
  makeLossGradient: null,
  maxPoolingGradient: null,
  mean: reduction.mean,
  minusScalar: arithmetic.minusScalar,
  mulScalar: arithmetic.mulScalar,
  multiProposal: null,
  onesLike: pointwise.onesLike,
  plusScalar: arithmetic.plusScalar,
  pooling: pooling.pooling,
  proposal: null,
  proposalTarget: null,
  psroiPooling: null,
  psroiPoolingGradient: null,
  rdivScalar: arithmetic.rdivScalar,
  relu: pointwise.relu,
  reshape: layout.reshape,
  rminusScalar: arithmetic.rminusScalar,
  roiPooling: null,
  roiPoolingGradient: null,
  rpnInverseNormalize: normalization.rpnInverseNormalize,
  scatterRows: rows.scatterRows,
  sgdMomentumUpdate: null,
  sigmoid: pointwise.sigmoid,
  slice: layout.slice,
  sliceAxis: layout.sliceAxis,
  sliceChannel: layout.sliceChannel,
  smoothL1: pointwise.smoothL1,
  softmax: normalization.softmax,
  softmaxActivation: normalization.softmaxOverClasses,
  softmaxOutput: normalization.softmaxOverClasses,
  softmaxOutputGradient: null,
  sqrt: pointwise.sqrt,
  sum: reduction.sum,
  take: rows.take,
  tile: layout.tile,
  tileAs: layout.broadcastTo,
  transpose: layout.transpose,
  withinRange: pointwise.withinRange,
  zerosLike: pointwise.zerosLike,
};

/** Whether `exportOnnx` can write an operator of this name without help. */
export function hasOnnxForm(operator: string): boolean {
  return Object.hasOwn(onnxOperators, operator) && onnxOperators[operator as OperatorName] !== null;
}
