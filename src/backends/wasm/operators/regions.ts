/**
 * psroiPooling and roiPooling: bins of all regions first, then one step over all of them.
 *
 * Letters  N images, C channels, H × W map, R regions, D output channels, P × Q bins, G × G groups
 */
import {
  psroiGeometry,
  type PsroiPoolingAttributes,
  roiPoolingGeometry,
  type RoiPoolingAttributes,
} from '../../../ops/index.ts';
import { conversion } from '../kernels/blocks.ts';
import { psroiPoolingKernel } from '../kernels/psroi-pooling.ts';
import { findBins, regionBytes } from '../kernels/region-bins.ts';
import { roiPoolingKernel } from '../kernels/roi-pooling.ts';
import type { Address } from '../kernel.ts';
import { blocksOf, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';

export function lowerPsroiPooling(lowering: NodeLowering): void {
  const attributes = lowering.node.attributes as unknown as Required<PsroiPoolingAttributes>;
  const { N, H, W, R, D, P, G } = psroiGeometry(lowering.inputs[0]!, lowering.inputs[1]!, attributes);
  const blocks = blocksOf(D);
  const size = { images: N, channels: D, pixels: G * G * H * W };
  // The D · G · G planes of an image are D channels of G · G · H · W pixels: as blocks, lanes are output channels.
  const maps = lowering.scratch(N * blocks * size.pixels * PIXEL_BYTES);
  lowering.step(...conversion('blocks', size, lowering.input(0, 'planar'), maps));
  const sizes = { regions: R, images: N, height: H, width: W, binsY: P, binsX: P };
  const table = lowering.scratch(R * regionBytes([P, P]));
  lowering.step(...findBins('psroi', sizes, attributes.spatialScale, lowering.input(1, 'planar'), table));
  const together = blocks % 2 === 0 ? 2 : 1;
  lowering.step(psroiPoolingKernel(together), (blocks / together) * P * P, {
    maps,
    table,
    regionBytes: regionBytes([P, P]),
    output: lowering.output(0, 'blocks'),
    regions: R,
    blocks,
    bins: P,
    groups: G,
    rowBytes: W * PIXEL_BYTES,
    mapBytes: H * W * PIXEL_BYTES,
  });
}

export function lowerRoiPooling(lowering: NodeLowering): void {
  const attributes = lowering.node.attributes as unknown as RoiPoolingAttributes;
  const geometry = roiPoolingGeometry(lowering.inputs[0]!, lowering.inputs[1]!, attributes);
  const { N, C, H, W, R, P, Q } = geometry;
  const blocks = blocksOf(C);
  const sizes = { regions: R, images: N, height: H, width: W, binsY: P, binsX: Q };
  const table: Address = lowering.scratch(R * regionBytes([P, Q]));
  lowering.step(...findBins('roi', sizes, attributes.spatialScale, lowering.input(1, 'planar'), table));
  lowering.step(roiPoolingKernel, R * blocks, {
    input: lowering.input(0, 'blocks'),
    table,
    regionBytes: regionBytes([P, Q]),
    output: lowering.output(0, 'blocks'),
    blocks,
    binsY: P,
    binsX: Q,
    rowBytes: W * PIXEL_BYTES,
    planeBytes: H * W * PIXEL_BYTES,
  });
}
