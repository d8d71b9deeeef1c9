/** Which operator is lowered how. `null`: there are no kernels; such nodes run on the reference where that is allowed. */
import type { OperatorName } from '../../ops/index.ts';
import type { Lower } from './lowering.ts';
import { lowerConvolution } from './operators/convolution.ts';
import { lowerDeconvolution } from './operators/deconvolution.ts';

export const lowerings: { readonly [K in OperatorName]?: Lower | null } = {
  convolution: lowerConvolution,
  fusedConvolution: lowerConvolution,
  deconvolution: lowerDeconvolution,
  fusedDeconvolution: lowerDeconvolution,
};
