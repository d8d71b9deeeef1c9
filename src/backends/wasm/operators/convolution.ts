/**
 * convolution and fusedConvolution: products over a table of taps.
 *
 * The input goes into a frame of zeros where there is padding; then the input value of tap (i, j) lies a constant number of
 * bytes from that of tap (0, 0), for all output pixels, and the table holds these distances for each tap of each block of
 * input channels. A 1×1 layer with stride 1 reads its input where it is, as one long row.
 *
 * Inputs of fewer than eight channels stay planar, with a table entry for each channel and tap.
 *
 * Letters  N images, C input channels, O filters, H × W input, I × J taps, P × Q output
 */
import { type ConvolutionGeometry, convolutionGeometry, type WindowAttributes } from '../../../ops/index.ts';
import { borderKernel } from '../kernels/border.ts';
import { copyPaddedKernel } from '../kernels/copy-padded.ts';
import { packWeightsKernel } from '../kernels/pack-weights.ts';
import { type Address, step } from '../kernel.ts';
import { BLOCK, blocksOf, FLOAT_BYTES, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { lowerProducts } from './products.ts';

/** A padded input, and how far apart its parts are. */
export interface FramedInput {
  readonly address: Address;
  readonly pixelBytes: number;
  readonly rowBytes: number;
  /** From one plane (channel, or block of channels) to the next. */
  readonly planeBytes: number;
  readonly imageBytes: number;
}

export function lowerConvolution(lowering: NodeLowering): void {
  const { inputs, node } = lowering;
  const { slope = 1, ...window } = node.attributes as unknown as Required<WindowAttributes> & {
    slope?: number;
  };
  const geometry = convolutionGeometry(node.operator, inputs[0]!, inputs[1]!, window);
  lowerDirect(lowering, geometry, slope);
}

function lowerDirect(lowering: NodeLowering, geometry: ConvolutionGeometry, slope: number): void {
  const { N, C, O, I, J, P, Q, H, W, strideY, strideX, padY, padX, dilationY, dilationX } = geometry;
  const isPlanar = C < BLOCK;
  const input = frameInput(lowering, geometry, isPlanar);
  const isRow = I * J === 1 && strideY * strideX === 1 && padY + padX === 0;
  const [rows, columns] = isRow ? [1, H * W] : [P, Q];
  const planes = isPlanar ? C : blocksOf(C);
  const table = Array.from({ length: planes }, (_, plane) =>
    Array.from({ length: I * J }, (_, tap) => {
      const [i, j] = [Math.floor(tap / J), tap % J];
      return plane * input.planeBytes + i * dilationY * input.rowBytes + j * dilationX * input.pixelBytes;
    }),
  ).flat();
  const output = lowering.output(0, 'blocks');
  lowerProducts(lowering, {
    images: N,
    rows,
    columns,
    blocks: blocksOf(O),
    channels: isPlanar ? 1 : 8,
    table: lowering.constant(Int32Array.from(table)),
    entries: table.length,
    input: input.address,
    inputImage: input.imageBytes,
    inputRow: strideY * input.rowBytes,
    inputStep: strideX * input.pixelBytes,
    weights: packedWeights(lowering, geometry, isPlanar ? 1 : 8),
    output,
    outputImage: blocksOf(O) * P * Q * PIXEL_BYTES,
    outputBlock: P * Q * PIXEL_BYTES,
    outputRow: Q * PIXEL_BYTES,
    outputStep: PIXEL_BYTES,
    bias: biasOf(lowering, O),
    ...(inputsHas(lowering, 3) && { residual: lowering.input(3, 'blocks') }),
    slope,
  });
  lowering.choose(`direct ${I}x${J}`);
}

const inputsHas = ({ node }: NodeLowering, index: number): boolean => node.inputs.length > index;

/** The input in a frame of zeros, or as it is where there is no padding. */
export function frameInput(
  lowering: NodeLowering,
  { N, C, H, W, padY, padX }: Pick<ConvolutionGeometry, 'N' | 'C' | 'H' | 'W' | 'padY' | 'padX'>,
  isPlanar: boolean,
): FramedInput {
  const source = lowering.input(0, isPlanar ? 'planar' : 'blocks');
  const pixelBytes = isPlanar ? FLOAT_BYTES : PIXEL_BYTES;
  const planes = isPlanar ? C : blocksOf(C);
  const [height, width] = [H + 2 * padY, W + 2 * padX];
  const rowBytes = width * pixelBytes;
  const planeBytes = height * rowBytes;
  const sizes = { pixelBytes, rowBytes, planeBytes, imageBytes: planes * planeBytes };
  if (padY + padX === 0) return { address: source, ...sizes };
  const address = lowering.scratch(N * planes * planeBytes);
  lowering.step(borderKernel, N * planes, {
    input: source,
    output: address,
    rows: H,
    rowBytes: W * pixelBytes,
    frameRows: height,
    frameRowBytes: rowBytes,
    top: padY,
    leftBytes: padX * pixelBytes,
  });
  return { address, ...sizes };
}

/** Weights in the order of tiles. */
function packedWeights(
  lowering: NodeLowering,
  { C, O, I, J }: ConvolutionGeometry,
  channels: 8 | 1,
): Address {
  const taps = I * J;
  const planes = channels === 1 ? C : blocksOf(C);
  const offsets = lowering.constant(Int32Array.from({ length: taps }, (_, tap) => tap * FLOAT_BYTES));
  const bytes = blocksOf(O) * planes * taps * channels * BLOCK * FLOAT_BYTES;
  return lowering.prepared(1, bytes, (source, target) => [
    step(packWeightsKernel(channels), blocksOf(O), {
      source,
      target,
      outputs: O,
      inputs: C,
      outputStride: C * taps * FLOAT_BYTES,
      inputStride: taps * FLOAT_BYTES,
      taps: offsets,
      tapCount: taps,
    }),
  ]);
}

/** The bias filled up to whole blocks; zeros where there is none. */
export function biasOf(lowering: NodeLowering, outputs: number): Address {
  const bytes = blocksOf(outputs) * PIXEL_BYTES;
  if (!inputsHas(lowering, 2)) return lowering.constant(new Float32Array(bytes / FLOAT_BYTES));
  const rowBytes = outputs * FLOAT_BYTES;
  return lowering.prepared(2, bytes, (source, target) => [
    step(copyPaddedKernel, 1, { source, target, rowBytes, sourceStride: rowBytes, targetStride: bytes }),
  ]);
}
