/**
 * Convolutions of three by three taps by Winograd's minimal filtering: fewer products, and transforms around them.
 *
 *   V = Bᵀ d B for each tile of the input;  M = U · V, a matrix product for each of the planes;  y = Aᵀ M A
 *
 * F(4×4) computes 16 outputs with 36 products for each pair of channels instead of 144, F(2×2) 4 with 16 instead of 36.
 *
 * Planes lie a little more than their length apart: at equal distances that are multiples of 4096 bytes the processor
 * would keep all of them in the same few places of its first cache.
 */
import { winogradInputKernel } from '../kernels/winograd-input.ts';
import { winogradOutputKernel } from '../kernels/winograd-output.ts';
import { winogradWeightsKernel } from '../kernels/winograd-weights.ts';
import { type Address, step } from '../kernel.ts';
import { BLOCK, blocksOf, FLOAT_BYTES, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { biasOf } from './convolution-parts.ts';
import { lowerProducts } from './products.ts';
import { SPARE_BYTES, type WinogradPlan } from './winograd-layer.ts';

export function lowerWinograd(lowering: NodeLowering, plan: WinogradPlan, slope: number): void {
  const { tile, planes, tiles, inputBlocks, outputBlocks, weightBytes } = plan;
  const blockBytes = tiles * PIXEL_BYTES;
  const inputPlane = inputBlocks * blockBytes + SPARE_BYTES;
  const outputPlane = outputBlocks * blockBytes + SPARE_BYTES;
  const transformed = transformInput(lowering, plan, blockBytes, inputPlane);
  const products = lowering.scratch(planes * outputPlane);
  lowerProducts(lowering, {
    images: planes,
    rows: 1,
    columns: tiles,
    blocks: outputBlocks,
    depth: BLOCK,
    table: lowering.constant(Int32Array.from({ length: inputBlocks }, (_, block) => block * blockBytes)),
    entries: inputBlocks,
    input: transformed,
    inputImage: inputPlane,
    inputRow: 0,
    inputStep: PIXEL_BYTES,
    weights: transformWeights(lowering, plan),
    weightsImage: weightBytes / planes,
    output: products,
    outputImage: outputPlane,
    outputBlock: blockBytes,
    outputRow: 0,
    outputStep: PIXEL_BYTES,
    bias: lowering.constant(new Float32Array(BLOCK)),
    sharedBias: true,
  });
  transformOutput(lowering, plan, products, blockBytes, outputPlane, slope);
  lowering.choose(`winograd ${tile}x${tile}`);
}

function transformInput(
  lowering: NodeLowering,
  plan: WinogradPlan,
  blockBytes: number,
  planeBytes: number,
): Address {
  const { N, C, H, W, padY, padX, tile, planes, inputPhases, dilation, tilesY, tilesX, inputBlocks } = plan;
  const output = lowering.scratch(planes * planeBytes);
  const span = dilation * (tile * tilesX + 2);
  lowering.step(winogradInputKernel(tile, dilation), N * inputBlocks * dilation * tilesY, {
    input: lowering.input(0, 'blocks'),
    output,
    zeros: lowering.constant(new Float32Array(W * BLOCK)),
    scratch: lowering.scratch(lowering.tuning.threads * (tile + 2) * span * PIXEL_BYTES),
    blocks: blocksOf(C),
    rows: H,
    columns: W,
    padY,
    padX,
    phases: inputPhases,
    dilation,
    tilesY,
    tilesX,
    span,
    planeBytes,
    blockBytes,
  });
  return output;
}

function transformWeights(
  lowering: NodeLowering,
  { C, O, tile, planes, weights, inputBlocks, outputBlocks, weightBytes }: WinogradPlan,
): Address {
  const taps = lowering.constant(Int32Array.from(weights.taps, (tap) => tap * FLOAT_BYTES));
  return lowering.prepared(1, weightBytes, (source, target) => [
    step(winogradWeightsKernel(tile), outputBlocks * inputBlocks, {
      source,
      target,
      outputs: O,
      inputs: C,
      outputStride: weights.outputStride * FLOAT_BYTES,
      inputStride: weights.inputStride * FLOAT_BYTES,
      taps,
      inputBlocks: blocksOf(C),
      allInputBlocks: inputBlocks,
      outputBlocks: blocksOf(O),
      planeBytes: weightBytes / planes,
    }),
  ]);
}

function transformOutput(
  lowering: NodeLowering,
  plan: WinogradPlan,
  products: Address,
  blockBytes: number,
  planeBytes: number,
  slope: number,
): void {
  const { N, O, P, Q, tile, outputPhases, dilation, tilesY, tilesX, outputBlocks } = plan;
  const residual = lowering.node.inputs.length > 3 ? lowering.input(3, 'blocks') : null;
  const span = dilation * tile * tilesX;
  const kernel = winogradOutputKernel({
    tile,
    dilation,
    phases: outputPhases,
    activation: slope === 1 ? 'none' : slope === 0 ? 'relu' : 'leaky',
    hasResidual: residual !== null,
  });
  lowering.step(kernel, N * outputBlocks * dilation * tilesY, {
    products,
    output: lowering.output(0, 'blocks'),
    bias: biasOf(lowering, O),
    residual,
    scratch: lowering.scratch(lowering.tuning.threads * (tile + 2) * span * PIXEL_BYTES),
    slope,
    blocks: blocksOf(O),
    rows: P,
    columns: Q,
    tilesY,
    tilesX,
    span,
    planeBytes,
    blockBytes,
  });
}
