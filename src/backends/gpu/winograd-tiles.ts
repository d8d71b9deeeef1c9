/**
 * Tiles of Winograd's convolution (see `winograd.ts`), and where what is made of them lies in its buffers.
 *
 *   patches   texel ((4p + q) · G + g) · T + t: the four channels of group g in row p, column q of the transform
 *   products  texel ((4p + q) · K + k) · T + t: the four filters of group k
 *   tiles     t = (n · tile rows + r) · tile columns + s
 *
 * Letters  n image, g group of four channels (of G), k group of four filters (of K), r × s tile (of T),
 *          p × q number of a 4 × 4 transform
 */
import type { PackedLayout } from './layout.ts';
import { quotient } from './texel-source.ts';

export interface WinogradWindow {
  readonly input: PackedLayout;
  readonly result: PackedLayout;
  readonly residual: PackedLayout | undefined;
  readonly padY: number;
  readonly padX: number;
  readonly dilationY: number;
  readonly dilationX: number;
  /** Tiles that an invocation multiplies, for two groups of filters each. */
  readonly tile: number;
  /** Activation: what negative sums are multiplied by. */
  readonly slope: number;
}

/** Tiles along an axis: two pixels that are `dilation` apart make one. */
export const tilesAlong = (pixels: number, dilation: number): number =>
  Math.floor(pixels / (2 * dilation)) * dilation + Math.min(dilation, pixels % (2 * dilation));

/** Text of the first pixel of a tile. */
const firstPixel = (tile: string, dilation: number): string =>
  dilation === 1 ? `${tile} * 2` : `${tile} + ${quotient(tile, dilation)} * ${dilation}`;

export interface Tiles {
  readonly rows: number;
  readonly columns: number;
  /** T. */
  readonly count: number;
}

export function winogradTiles({ result, dilationY, dilationX }: WinogradWindow): Tiles {
  const rows = tilesAlong(result.H, dilationY);
  const columns = tilesAlong(result.W, dilationX);
  return { rows, columns, count: result.N * rows * columns };
}

/** Text that declares the image, group and tile of an invocation, and the tile's first pixel. */
export function declareTile(window: WinogradWindow, group: string, groups: number): string {
  const { rows, columns } = winogradTiles(window);
  const image = window.result.N === 1 ? '0' : quotient('this.thread.z', groups);
  return `const n = ${image}; const ${group} = this.thread.z - n * ${groups};
  const t = (n * ${rows} + this.thread.y) * ${columns} + this.thread.x;
  const top = ${firstPixel('this.thread.y', window.dilationY)}; const left = ${firstPixel('this.thread.x', window.dilationX)};`;
}
