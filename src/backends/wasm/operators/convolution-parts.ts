/**
 * What convolutions of every kind need: inputs in frames of zeros, weights in the order of tiles, a bias of whole blocks.
 *
 * Letters  N images, C input channels, O output channels, H × W input
 */
import { borderKernel } from '../kernels/border.ts';
import { copyPaddedKernel } from '../kernels/copy-padded.ts';
import { expandGroupsKernel } from '../kernels/expand-groups.ts';
import { packWeightsKernel } from '../kernels/pack-weights.ts';
import { type Address, type Step, step } from '../kernel.ts';
import { BLOCK, blocksOf, FLOAT_BYTES, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';

/** A padded input, and how far apart its parts are. */
export interface FramedInput {
  readonly address: Address;
  readonly pixelBytes: number;
  readonly rowBytes: number;
  /** From one plane (channel, or block of channels) to the next. */
  readonly planeBytes: number;
  readonly imageBytes: number;
}

/** Rows and columns of zeros around an input. Below and to the right they may be negative: what nobody reads is cut off. */
export interface Frame {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly padY: number;
  readonly padX: number;
  /** Default: as above, and as on the left. */
  readonly below?: number;
  readonly right?: number;
}

/** The input in a frame of zeros, or as it is where it needs none. */
export function frameInput(lowering: NodeLowering, frame: Frame, isPlanar: boolean): FramedInput {
  const { N, C, H, W, padY, padX, below = padY, right = padX } = frame;
  const source = lowering.input(0, isPlanar ? 'planar' : 'blocks');
  const pixelBytes = isPlanar ? FLOAT_BYTES : PIXEL_BYTES;
  const planes = isPlanar ? C : blocksOf(C);
  const [height, width] = [H + padY + below, W + padX + right];
  const rowBytes = width * pixelBytes;
  const planeBytes = height * rowBytes;
  const sizes = { pixelBytes, rowBytes, planeBytes, imageBytes: planes * planeBytes };
  if (padY === 0 && padX === 0 && below === 0 && right === 0) return { address: source, ...sizes };
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

/** How weights lie in the parameter; strides and places are in elements. */
export interface WeightOrder {
  readonly outputs: number;
  readonly inputs: number;
  readonly outputStride: number;
  readonly inputStride: number;
  /** Places of the taps that are wanted; negative for one of zeros. */
  readonly taps: readonly number[];
  /** Groups to fill up with zeros first. */
  readonly expand?: GroupOrder | undefined;
}

/** Weights in groups: so many filters, of which each group has so many, and elements of a filter before and after. */
export interface GroupOrder {
  readonly filters: number;
  readonly groupFilters: number;
  readonly size: number;
  readonly expandedSize: number;
}

/** Weights in the order of tiles. */
export function packWeights(
  lowering: NodeLowering,
  input: number,
  order: WeightOrder,
  channels: 8 | 1,
): Address {
  const { outputs, inputs, taps } = order;
  const offsets = lowering.constant(Int32Array.from(taps, (tap) => tap * FLOAT_BYTES));
  const panels = blocksOf(outputs) * Math.ceil(inputs / channels) * taps.length;
  return lowering.prepared(input, panels * channels * PIXEL_BYTES, (source, target) => {
    const { steps, weights } = withoutGroups(source, order);
    const pack = step(packWeightsKernel(channels), blocksOf(outputs), {
      source: weights,
      target,
      outputs,
      inputs,
      outputStride: order.outputStride * FLOAT_BYTES,
      inputStride: order.inputStride * FLOAT_BYTES,
      taps: offsets,
      tapCount: taps.length,
    });
    return [...steps, pack];
  });
}

/** Weights of one group: those that are there, or filled up with zeros. */
export function withoutGroups(
  source: Address,
  { expand }: WeightOrder,
): { readonly steps: readonly Step[]; readonly weights: Address } {
  if (!expand) return { steps: [], weights: source };
  const { filters, groupFilters } = expand;
  const [sourceBytes, targetBytes] = [expand.size * FLOAT_BYTES, expand.expandedSize * FLOAT_BYTES];
  const target = { buffer: { bytes: filters * targetBytes, constant: false }, offset: 0 };
  const record = { source, target, groupFilters, sourceBytes, targetBytes };
  return { steps: [step(expandGroupsKernel, filters, record)], weights: target };
}

/** The bias filled up to whole blocks; zeros where there is none. */
export function biasOf(lowering: NodeLowering, outputs: number): Address {
  const bytes = blocksOf(outputs) * BLOCK * FLOAT_BYTES;
  if (lowering.node.inputs.length < 3) return lowering.constant(new Float32Array(bytes / FLOAT_BYTES));
  const rowBytes = outputs * FLOAT_BYTES;
  return lowering.prepared(2, bytes, (source, target) => [
    step(copyPaddedKernel, 1, { source, target, rowBytes, sourceStride: rowBytes, targetStride: bytes }),
  ]);
}
