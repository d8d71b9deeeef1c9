/** The kernels by operator. What is missing here is computed by the reference where that is allowed, or refused. */
import type { OperatorName } from '../../ops/index.ts';
import { bilinearSamplerKernels } from './bilinear-sampler.ts';
import { convolutionKernels, fusedConvolutionKernels } from './convolution.ts';
import { deconvolutionKernels, fusedDeconvolutionKernels } from './deconvolution.ts';
import { fusedWarpKernels } from './fused-warp.ts';
import type { GpuOperator } from './kernel.ts';
import { psroiPoolingKernels } from './psroi-pooling.ts';
import { reluKernels } from './relu.ts';
import { roiPoolingKernels } from './roi-pooling.ts';

export const gpuOperators: { readonly [K in OperatorName]?: GpuOperator } = {
  bilinearSampler: bilinearSamplerKernels,
  convolution: convolutionKernels,
  deconvolution: deconvolutionKernels,
  fusedConvolution: fusedConvolutionKernels,
  fusedDeconvolution: fusedDeconvolutionKernels,
  fusedWarp: fusedWarpKernels,
  psroiPooling: psroiPoolingKernels,
  relu: reluKernels,
  roiPooling: roiPoolingKernels,
};
