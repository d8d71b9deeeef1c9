/**
 * Where the numbers of a tensor lie on a device. There are two ways.
 *
 * plain    One number after the other, row-major, as in memory. A kernel sees three axes: columns (the last axis), rows
 *          (the last but one) and planes (all axes before it), and reads data[plane][row][column].
 * packed   For images and features (N, C, H, W). A texel holds four channels of one pixel, so that one fetch feeds
 *          sixteen multiply-adds. The H × W texels of a group of four channels make a plane with `border` columns of
 *          zeros on its left and right and as many rows above and below: a window that hangs over the edge reads zeros,
 *          without a branch. Planes stand in a grid `across` wide, because the side of a texture has a limit:
 *
 *              border rows of zeros
 *              plane 0      plane 1      …  plane across−1
 *              border rows of zeros
 *              plane across …
 *
 *          Channels stand in their order, except in maps for position-sensitive pooling, which have a channel for each of
 *          S sections of each of D outputs. Their channel d·S + s stands at place s·4⌈D/4⌉ + d, so that a texel holds
 *          four outputs of one section: those that are read together.
 *
 * Letters  N images, C channels, H × W pixels, G groups of four channels
 */
import type { Shape } from '../../tensor/shape.ts';
import { elementCount } from '../../tensor/shape.ts';

/** Columns, rows, planes. */
export type Axes = readonly [columns: number, rows: number, planes: number];

export interface PlainLayout {
  readonly kind: 'plain';
  readonly axes: Axes;
}

export interface PackedLayout {
  readonly kind: 'packed';
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  /** Groups of four channels per image, G. */
  readonly groups: number;
  /** S; 1 where channels stand in their order. */
  readonly sections: number;
  /** Zeros on each side of a plane. */
  readonly border: number;
  /** Planes side by side. A new image starts on a new row of planes. */
  readonly across: number;
  /** Rows of planes per image. */
  readonly down: number;
  /** Texels per row and rows of the whole texture. */
  readonly columns: number;
  readonly rows: number;
}

export type Layout = PlainLayout | PackedLayout;

/** How a shape of any rank is seen in plain layout. */
export function plainAxes(shape: Shape): Axes {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.at(-2) ?? 1;
  return [columns, rows, elementCount(shape.slice(0, -2))];
}

export function plainLayout(shape: Shape): PlainLayout {
  return { kind: 'plain', axes: plainAxes(shape) };
}

/**
 * The packed layout of a shape (N, C, H, W), as few planes across as the largest side allows; undefined where no grid
 * of planes fits, or the shape is of another rank or empty.
 *
 * @param sections S, a divisor of the channels
 */
export function packedLayout(
  shape: Shape,
  border: number,
  maxSide: number,
  sections = 1,
): PackedLayout | undefined {
  if (shape.length !== 4 || elementCount(shape) === 0) return undefined;
  const [N, C, H, W] = shape as unknown as readonly [number, number, number, number];
  const groups = sections * Math.ceil(C / sections / 4);
  for (let across = 1; across < 2 * groups; across *= 2) {
    const down = Math.ceil(groups / across);
    const columns = across * (W + 2 * border);
    const rows = border + N * down * (H + border);
    if (columns > maxSide) return undefined;
    if (rows > maxSide) continue;
    return { kind: 'packed', N, C, H, W, groups, sections, border, across, down, columns, rows };
  }
  return undefined;
}

/** Texels of a packed texture. */
export const texels = ({ columns, rows }: PackedLayout): number => columns * rows;

/** Where channel c stands: lane `place & 3` of group `place >> 2`. */
export function channelPlace({ groups, sections }: PackedLayout, c: number): number {
  return ((c % sections) * 4 * groups) / sections + Math.floor(c / sections);
}

/** Calls `visit` for every row of every channel with the place of its first number in plain order and in packed order. */
function visitRows(layout: PackedLayout, visit: (plain: number, packed: number) => void): void {
  const { N, C, H, W, border, across, down, columns } = layout;
  let plain = 0;
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      const place = channelPlace(layout, c);
      const group = place >> 2;
      const top = border + (n * down + Math.floor(group / across)) * (H + border);
      const left = (group % across) * (W + 2 * border) + border;
      for (let y = 0; y < H; y++, plain += W) visit(plain, ((top + y) * columns + left) * 4 + (place & 3));
    }
  }
}

/** Numbers in packed order, from plain order. */
export function pack(data: ArrayLike<number>, layout: PackedLayout): Float32Array {
  const packed = new Float32Array(4 * texels(layout));
  visitRows(layout, (from, to) => {
    for (let x = 0; x < layout.W; x++) packed[to + 4 * x] = data[from + x]!;
  });
  return packed;
}

/** Numbers in plain order, from packed order. */
export function unpack(packed: Float32Array, layout: PackedLayout): Float32Array {
  const data = new Float32Array(layout.N * layout.C * layout.H * layout.W);
  visitRows(layout, (to, from) => {
    for (let x = 0; x < layout.W; x++) data[to + x] = packed[from + 4 * x]!;
  });
  return data;
}
