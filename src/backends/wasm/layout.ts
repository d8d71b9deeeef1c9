/**
 * How values lie in memory.
 *
 *   planar  N × C × H × W as everywhere else, also for values of any other rank
 *   blocks  N × C/8 × H × W × 8: blocks of eight channels, the last one filled up with zeros. A pixel's eight channels are
 *           two vectors, so that kernels take channels as lanes and never shuffle.
 *
 * What a filled-up lane holds must be finite and nobody's business: weights for it are 0.
 *
 * Letters  N images, C channels, H × W pixels
 */
import { elementCount, type Shape } from '../../tensor/shape.ts';

export type Layout = 'planar' | 'blocks';

/** Channels of a block. */
export const BLOCK = 8;
export const FLOAT_BYTES = 4;
/** Bytes of one pixel of a block. */
export const PIXEL_BYTES: number = BLOCK * FLOAT_BYTES;

export function blocksOf(channels: number): number {
  return Math.ceil(channels / BLOCK);
}

/** The shape of a value as it lies in memory: in blocks it has an axis more, the channels of a block. */
export function placedShape(shape: Shape, layout: Layout): Shape {
  if (layout === 'planar') return shape;
  const [images, channels, height, width] = shape as readonly [number, number, number, number];
  return [images, blocksOf(channels), height, width, BLOCK];
}

/** Bytes of a value in a layout. */
export function bytesOf(shape: Shape, layout: Layout): number {
  return elementCount(placedShape(shape, layout)) * FLOAT_BYTES;
}
