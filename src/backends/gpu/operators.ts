/** The kernels by operator. What is missing here is computed by the reference where that is allowed, or refused. */
import type { OperatorName } from '../../ops/index.ts';
import { convolutionKernels, fusedConvolutionKernels } from './convolution.ts';
import type { GpuOperator } from './kernel.ts';
import { reluKernels } from './relu.ts';

export const gpuOperators: { readonly [K in OperatorName]?: GpuOperator } = {
  convolution: convolutionKernels,
  fusedConvolution: fusedConvolutionKernels,
  relu: reluKernels,
};
