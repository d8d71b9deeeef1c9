/**
 * bilinearSamplerDataGradient and bilinearSamplerGridGradient.
 *
 * Letters  N images, C channels, H × W map, P × Q positions
 */
import type { BilinearSamplerDataGradientAttributes } from '../../../ops/index.ts';
import { samplerDataGradientKernel } from '../kernels/sampler-data-gradient.ts';
import { samplerGridGradientKernel, SLOPE_BYTES } from '../kernels/sampler-grid-gradient.ts';
import { BLOCK, blocksOf, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { sitesOf } from './warp.ts';

type Quadruple = readonly [number, number, number, number];

/** Bytes of a pixel of sums. */
const SUM_BYTES = 2 * PIXEL_BYTES;
/** Positions of an item of the grid's gradient. */
const CHUNK = 128;

export function lowerSamplerDataGradient(lowering: NodeLowering): void {
  const attributes = lowering.node.attributes as unknown as BilinearSamplerDataGradientAttributes;
  const { height, width } = attributes;
  const [N, C, P, Q] = lowering.inputs[0] as Quadruple;
  const blocks = blocksOf(C);
  const grid = lowering.input(1, 'planar');
  lowering.step(samplerDataGradientKernel, N * blocks, {
    sites: sitesOf(lowering, 'grid', grid, lowering.inputs[1]!, [height, width]),
    head: lowering.input(0, 'blocks'),
    output: lowering.output(0, 'blocks'),
    totals: lowering.scratch(lowering.tuning.threads * height * width * SUM_BYTES),
    blocks,
    positions: P * Q,
    pixels: height * width,
  });
}

export function lowerSamplerGridGradient(lowering: NodeLowering): void {
  const [N, C, H, W] = lowering.inputs[1] as Quadruple;
  const [, , P, Q] = lowering.inputs[2] as Quadruple;
  const blocks = blocksOf(C);
  const chunks = Math.ceil((P * Q) / CHUNK);
  const grid = lowering.input(2, 'planar');
  const lanes = Int32Array.from({ length: BLOCK }, (_, k) => (8 * (blocks - 1) + k < C ? -1 : 0));
  lowering.step(samplerGridGradientKernel, N * chunks, {
    sites: sitesOf(lowering, 'grid', grid, lowering.inputs[2]!, [H, W]),
    head: lowering.input(0, 'blocks'),
    data: lowering.input(1, 'blocks'),
    output: lowering.output(0, 'planar'),
    totals: lowering.scratch(lowering.tuning.threads * CHUNK * SLOPE_BYTES),
    allLanes: lowering.constant(new Int32Array(BLOCK).fill(-1)),
    lastLanes: lowering.constant(lanes),
    zeros: lowering.constant(new Float32Array(BLOCK)),
    blocks,
    positions: P * Q,
    chunk: CHUNK,
    chunks,
    planeBytes: H * W * PIXEL_BYTES,
    height: H,
    width: W,
  });
}
