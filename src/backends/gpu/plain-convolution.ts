/**
 * The convolution of modes webasm and cpu: zeros around the image, then four filters at once (`four-filters.ts`).
 *
 * Letters  I × J taps
 */
import { convolutionGeometry, type WindowAttributes } from '../../ops/index.ts';
import { type FourFilters, fourFiltersStep, MOST_TAPS, padKernel } from './four-filters.ts';
import type { Argument, Lowering, NodeView, Step } from './kernel.ts';
import { plainInput } from './plain-kernel.ts';

/** Undefined for grouped convolutions, many taps, and weights that are computed in the graph. */
export function plainConvolution(
  node: NodeView<Required<WindowAttributes>>,
  slope: number,
): Lowering | undefined {
  const { inputs, attributes } = node;
  const [data, weight, bias, residual] = inputs;
  const geometry = convolutionGeometry('convolution', data!, weight!, attributes);
  const { N, C, O, P, Q, I, J, strideY, strideX, padY, padX, dilationY, dilationX, groups } = geometry;
  const known = node.isParameter(1) && (!bias || node.isParameter(2));
  if (groups > 1 || !known || I * J > MOST_TAPS) return undefined;
  const taps = Array.from({ length: I * J }, (_, tap) => ({
    row: Math.floor(tap / J) * dilationY,
    column: (tap % J) * dilationX,
    tap,
  }));
  const stride = [strideY, strideX] as const;
  const window: FourFilters = { N, C, O, P, Q, taps, stride, slope, transposed: false };
  const padded = padY + padX > 0;
  const steps: Step[] = padded ? [{ spec: padKernel(data!, padY, padX), arguments: [plainInput(0)] }] : [];
  const image: Argument = padded ? { from: 'step', index: 0 } : plainInput(0);
  const shortcut = residual && plainInput(3);
  steps.push(fourFiltersStep(window, image, bias !== undefined, shortcut));
  return { steps, outputs: [steps.length - 1] };
}
