/**
 * psroiPoolingGradient and roiPoolingGradient.
 *
 * Letters  N images, C channels, H × W map, R regions, D output channels, P × Q bins, G × G groups
 */
import {
  psroiGeometry,
  type PsroiPoolingGradientAttributes,
  roiPoolingGeometry,
  type RoiPoolingAttributes,
} from '../../../ops/index.ts';
import { conversion } from '../kernels/blocks.ts';
import { findBins, regionBytes } from '../kernels/region-bins.ts';
import { psroiGradientKernel, roiGradientKernel } from '../kernels/region-gradients.ts';
import { blocksOf, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';

/** Bytes of a pixel of sums. */
const SUM_BYTES = 2 * PIXEL_BYTES;

export function lowerPsroiPoolingGradient(lowering: NodeLowering): void {
  const attributes = lowering.node.attributes as unknown as Required<PsroiPoolingGradientAttributes>;
  const { spatialScale } = attributes;
  const { N, H, W, R, D, P, G } = psroiGeometry(lowering.outputs[0]!, lowering.inputs[1]!, attributes);
  const blocks = blocksOf(D);
  const sizes = { regions: R, images: N, height: H, width: W, binsY: P, binsX: P };
  const table = lowering.scratch(R * regionBytes([P, P]));
  lowering.step(...findBins('psroi', sizes, spatialScale, lowering.input(1, 'planar'), table));
  const size = { images: N, channels: D, pixels: G * G * H * W };
  const maps = lowering.scratch(N * blocks * size.pixels * PIXEL_BYTES);
  lowering.step(psroiGradientKernel, N * blocks * G * G, {
    head: lowering.input(0, 'blocks'),
    table,
    regionBytes: regionBytes([P, P]),
    output: maps,
    totals: lowering.scratch(lowering.tuning.threads * H * W * SUM_BYTES),
    regions: R,
    blocks,
    bins: P,
    groups: G,
    width: W,
    pixels: H * W,
  });
  lowering.step(...conversion('planar', size, lowering.output(0, 'planar'), maps));
}

export function lowerRoiPoolingGradient(lowering: NodeLowering): void {
  const attributes = lowering.node.attributes as unknown as RoiPoolingAttributes;
  const geometry = roiPoolingGeometry(lowering.inputs[0]!, lowering.inputs[1]!, attributes);
  const { N, C, H, W, R, P, Q } = geometry;
  const blocks = blocksOf(C);
  const sizes = { regions: R, images: N, height: H, width: W, binsY: P, binsX: Q };
  const table = lowering.scratch(R * regionBytes([P, Q]));
  lowering.step(...findBins('roi', sizes, attributes.spatialScale, lowering.input(1, 'planar'), table));
  lowering.step(roiGradientKernel, N * blocks, {
    data: lowering.input(0, 'blocks'),
    head: lowering.input(2, 'blocks'),
    table,
    regionBytes: regionBytes([P, Q]),
    output: lowering.output(0, 'blocks'),
    totals: lowering.scratch(lowering.tuning.threads * H * W * SUM_BYTES),
    regions: R,
    blocks,
    binsY: P,
    binsX: Q,
    rowBytes: W * PIXEL_BYTES,
    pixels: H * W,
  });
}
