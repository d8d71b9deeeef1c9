/**
 * Where a bilinear sampler reads: computed once per position, shared by all channels, the gradients and other backends.
 *
 * Letters  H × W data, P × Q grid; (y0, x0) is the neighbour above and to the left of the position (Y, X)
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { nchw } from './checks.ts';
import { rounding } from './rounding.ts';

export interface SamplerGeometry {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly P: number;
  readonly Q: number;
}

/** The geometry of sampling data (N, C, H, W) at a grid (N, 2, P, Q). Throws ShapeError where they do not fit. */
export function samplerGeometry(operator: string, data: Shape, grid: Shape): SamplerGeometry {
  const [N, C, H, W] = nchw(operator, 'data', data);
  const [gridN, gridC, P, Q] = nchw(operator, 'grid', grid);
  const shapes = `(data ${formatShape(data)}, grid ${formatShape(grid)})`;
  if (gridC !== 2) {
    throw new ShapeError(
      `${operator}: grid has ${gridC} channels, expected 2 (horizontal, vertical) ${shapes}`,
    );
  }
  if (gridN !== N) {
    const hint = 'repeat the smaller batch with tile';
    throw new ShapeError(`${operator}: data has ${N} images, grid has ${gridN} ${shapes}; ${hint}`);
  }
  return { N, C, H, W, P, Q };
}

/** The top-left neighbour of a sampling position, and its weight along each axis; the other neighbour has the rest. */
export interface SampleSite {
  readonly x0: number;
  readonly y0: number;
  /** 1 − (X − x0): 1 where the position is exactly on column x0. */
  readonly weightX: number;
  /** 1 − (Y − y0). */
  readonly weightY: number;
}

/**
 * The site of a grid value. X = (grid + 1) · (W − 1) / 2, and Y alike: −1 is the centre of the first pixel, +1 that of
 * the last. At whole positions floor picks the interval towards larger coordinates. `round` rounds each step.
 */
export function sampleSite(
  gridX: number,
  gridY: number,
  H: number,
  W: number,
  round: (value: number) => number,
): SampleSite {
  const X = round(round(gridX + 1) * (W - 1)) / 2;
  const Y = round(round(gridY + 1) * (H - 1)) / 2;
  const [x0, y0] = [Math.floor(X), Math.floor(Y)];
  return { x0, y0, weightX: round(1 - round(X - x0)), weightY: round(1 - round(Y - y0)) };
}

/** Neighbours of a site, in this order: top left, top right, bottom left, bottom right. */
export const NEIGHBOURS = 4;

export interface SampleSites {
  /** Position in a map of each neighbour of each site; −1 for neighbours outside, which count as 0. */
  readonly offsets: Int32Array;
  /** Weight of each neighbour of each site. NaN where the grid is not a finite number. */
  readonly weights: Float64Array;
  /** `weightX` of each site. */
  readonly weightX: Float64Array;
  /** `weightY` of each site. */
  readonly weightY: Float64Array;
}

/** The sites of image n of a grid (N, 2, P, Q), in row-major order, in data of H × W pixels. */
export function sampleSites(grid: Tensor, n: number, H: number, W: number): SampleSites {
  const [, , P = 0, Q = 0] = grid.shape;
  const count = P * Q;
  const round = rounding(grid.dtype);
  const sites = {
    offsets: new Int32Array(NEIGHBOURS * count),
    weights: new Float64Array(NEIGHBOURS * count),
    weightX: new Float64Array(count),
    weightY: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    const gridX = grid.data[2 * n * count + i]!;
    const gridY = grid.data[(2 * n + 1) * count + i]!;
    const { x0, y0, weightX, weightY } = sampleSite(gridX, gridY, H, W, round);
    sites.weightX[i] = weightX;
    sites.weightY[i] = weightY;
    for (let k = 0; k < NEIGHBOURS; k++) {
      const [right, below] = [k % 2 === 1, k >= 2];
      const [x, y] = [right ? x0 + 1 : x0, below ? y0 + 1 : y0];
      const inside = x >= 0 && x < W && y >= 0 && y < H;
      sites.offsets[NEIGHBOURS * i + k] = inside ? y * W + x : -1;
      sites.weights[NEIGHBOURS * i + k] = (below ? 1 - weightY : weightY) * (right ? 1 - weightX : weightX);
    }
  }
  return sites;
}
