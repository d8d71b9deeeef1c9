/**
 * gridGenerator, bilinearSampler and fusedWarp: sites are found once, then all blocks of channels are sampled at them.
 *
 * Letters  N images, C channels, H × W map, P × Q positions
 */
import type { Shape } from '../../../tensor/shape.ts';
import { gridKernel } from '../kernels/grid.ts';
import { site, sampleSitesKernel } from '../kernels/sample-sites.ts';
import { samplerKernel } from '../kernels/sampler.ts';
import type { Address } from '../kernel.ts';
import { blocksOf, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';

/** Positions of an item, when sites are found and when they are sampled. */
const [SITES, SAMPLES] = [256, 1024];

type Quadruple = readonly [number, number, number, number];

export function lowerGridGenerator(lowering: NodeLowering): void {
  const [N, , height, width] = lowering.inputs[0] as Quadruple;
  const flow = lowering.input(0, 'planar');
  lowering.step(gridKernel, 2 * N * height, { flow, grid: lowering.output(0, 'planar'), height, width });
}

export function lowerBilinearSampler(lowering: NodeLowering): void {
  lowerSamples(lowering, 'grid');
}

export function lowerFusedWarp(lowering: NodeLowering): void {
  lowerSamples(lowering, 'flow');
}

/** The sites of a grid (N, 2, P, Q), or of a flow, in maps of blocks. */
export function sitesOf(
  lowering: NodeLowering,
  from: 'grid' | 'flow',
  grid: Address,
  shape: Shape,
  [height, width]: readonly [number, number],
): Address {
  const [N, , P, Q] = shape as Quadruple;
  const sites = lowering.scratch(N * P * Q * site.bytes);
  const chunks = Math.ceil((P * Q) / SITES);
  lowering.step(sampleSitesKernel(from), N * chunks, {
    grid,
    sites,
    positions: P * Q,
    positionsX: Q,
    chunk: SITES,
    chunks,
    height,
    width,
    pixelBytes: PIXEL_BYTES,
    rowBytes: width * PIXEL_BYTES,
  });
  return sites;
}

function lowerSamples(lowering: NodeLowering, from: 'grid' | 'flow'): void {
  const [N, C, H, W] = lowering.inputs[0] as Quadruple;
  const [, , P, Q] = lowering.inputs[1] as Quadruple;
  const blocks = blocksOf(C);
  const sites = sitesOf(lowering, from, lowering.input(1, 'planar'), lowering.inputs[1]!, [H, W]);
  const chunks = Math.ceil((P * Q) / SAMPLES);
  lowering.step(samplerKernel, N * blocks * chunks, {
    input: lowering.input(0, 'blocks'),
    sites,
    scale: lowering.inputs.length > 2 ? lowering.input(2, 'blocks') : null,
    output: lowering.output(0, 'blocks'),
    inputPlane: H * W * PIXEL_BYTES,
    blocks,
    positions: P * Q,
    chunk: SAMPLES,
    chunks,
  });
}
