/**
 * batchNorm, in blocks. Data of other than four axes is brought into blocks and back: axis 1 holds the channels, the axes
 * behind it are pixels.
 *
 * Letters  N images, C channels, S pixels of an image
 */
import type { BatchNormAttributes } from '../../../ops/index.ts';
import { elementCount } from '../../../tensor/shape.ts';
import { batchFactorsKernel, movingFactorsKernel, normaliseKernel } from '../kernels/batch-norm.ts';
import { conversion } from '../kernels/blocks.ts';
import type { Address } from '../kernel.ts';
import { blocksOf, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';

export function lowerBatchNorm(lowering: NodeLowering): void {
  const attributes = lowering.node.attributes as unknown as Required<BatchNormAttributes>;
  const { epsilon, momentum, fixGamma, statistics } = attributes;
  const shape = lowering.inputs[0]!;
  const [images = 0, channels = 0] = shape;
  const size = { images, channels, pixels: elementCount(shape.slice(2)) };
  const { pixels } = size;
  const blocks = blocksOf(channels);
  const [mean, variance] = [lowering.input(3, 'planar'), lowering.input(4, 'planar')];
  const data = dataBlocks(lowering, size);
  const numbers = Float64Array.of(epsilon, momentum, 1 - momentum);
  const common = {
    gamma: fixGamma ? null : lowering.input(1, 'planar'),
    beta: lowering.input(2, 'planar'),
    mean,
    variance,
    numbers: lowering.constant(new Int32Array(numbers.buffer)),
    channels,
  };
  let factors: Address;
  if (statistics === 'moving') {
    factors = lowering.scratch(2 * blocks * PIXEL_BYTES);
    lowering.step(movingFactorsKernel, blocks, { ...common, factors });
    lowering.share(1, 'planar', mean);
    lowering.share(2, 'planar', variance);
  } else {
    factors = lowering.scratch(6 * blocks * PIXEL_BYTES);
    const [newMean, newVariance] = [lowering.output(1, 'planar'), lowering.output(2, 'planar')];
    const given = { ...common, factors, data, newMean, newVariance, images, blocks, pixels };
    lowering.step(batchFactorsKernel, blocks, given);
  }
  const isBlocks = shape.length === 4;
  const output = isBlocks
    ? lowering.output(0, 'blocks')
    : lowering.scratch(images * blocks * pixels * PIXEL_BYTES);
  lowering.step(normaliseKernel(statistics), images * blocks, { data, output, factors, blocks, pixels });
  if (!isBlocks) lowering.step(...conversion('planar', size, lowering.output(0, 'planar'), output));
}

/** The data in blocks. */
function dataBlocks(
  lowering: NodeLowering,
  size: { readonly images: number; readonly channels: number; readonly pixels: number },
): Address {
  if (lowering.inputs[0]!.length === 4) return lowering.input(0, 'blocks');
  const { images, channels, pixels } = size;
  const blocks = lowering.scratch(images * blocksOf(channels) * pixels * PIXEL_BYTES);
  lowering.step(...conversion('blocks', size, lowering.input(0, 'planar'), blocks));
  return blocks;
}
