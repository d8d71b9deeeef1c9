/** Which operator is lowered how. `null`: there are no kernels; such nodes run on the reference where that is allowed. */
import type { OperatorName } from '../../ops/index.ts';
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
import { lowerConvolution } from './operators/convolution.ts';
import { lowerDeconvolution } from './operators/deconvolution.ts';
import { lowerPooling } from './operators/pooling.ts';
import { lowerClassSoftmax, lowerSoftmax } from './operators/softmax.ts';
import { lowerTake } from './operators/take.ts';
import { lowerTile } from './operators/tile.ts';
import { lowerTranspose } from './operators/transpose.ts';
import { lowerView } from './operators/views.ts';
import { lowerBilinearSampler, lowerFusedWarp, lowerGridGenerator } from './operators/warp.ts';

export const lowerings: { readonly [K in OperatorName]?: Lower | null } = {
  convolution: lowerConvolution,
  fusedConvolution: lowerConvolution,
  deconvolution: lowerDeconvolution,
  fusedDeconvolution: lowerDeconvolution,
  pooling: lowerPooling,
  bilinearSampler: lowerBilinearSampler,
  fusedWarp: lowerFusedWarp,
  gridGenerator: lowerGridGenerator,

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
};
